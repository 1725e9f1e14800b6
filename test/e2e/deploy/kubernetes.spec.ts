import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1';
import { describe, expect, it } from 'vitest';
import { adapted, deployFile } from './support/deploy-file.js';
import { manifestsIn, manifestsOf, misfits, validate } from './support/manifests.js';

const FILES = ['statefulset.yaml', 'deployment.yaml'] as const;

/** The last object of a file, which runs the workers. */
const workload = (file: (typeof FILES)[number]): IStatefulSet | IDeployment =>
  manifestsOf(file).at(-1) as IStatefulSet | IDeployment;
const podOf = (file: (typeof FILES)[number]) => {
  const spec = workload(file).spec?.template.spec;
  const [container] = spec?.containers ?? [];
  return { spec, container, env: new Map(container?.env?.map((each) => [each.name, each])) };
};

describe('the manifests of the sample application', () => {
  it('fit the schemas of Kubernetes', () => {
    const manifests = FILES.flatMap(manifestsOf);

    expect(manifests.map(({ kind }) => kind)).toEqual(['Service', 'StatefulSet', 'Deployment']);
    manifests.forEach(validate);
    expect(misfits(manifests)).toEqual([]);
  });

  it('would be found out if they did not', () => {
    const text = deployFile('kubernetes/statefulset.yaml');
    const changed = (from: string, to: string) => manifestsIn(adapted(text, [from, to]));

    expect(() => changed('replicas: 2', 'replicas: two').forEach(validate)).toThrow(/replicas/);
    expect(() =>
      changed('  selector:\n    matchLabels:\n      app: messenger-worker\n', '').forEach(validate),
    ).toThrow(/selector/);
    expect(misfits(changed('livenessProbe:', 'livenesProbe:'))).toEqual([
      expect.stringContaining('livenesProbe') as string,
    ]);
    expect(() => manifestsIn('a: 1\na: 2')).toThrow(/unique/);
  });

  it.each(FILES)('give the workers of %s more time to end than they take', (file) => {
    const { spec, container } = podOf(file);
    const grace = container?.command?.find((argument) => argument.startsWith('--grace='))?.split('=')[1];

    // What the application may take to close comes on top.
    expect(spec?.terminationGracePeriodSeconds).toBeGreaterThan(Number(grace) + 10);
    expect(container?.command?.slice(0, 2)).toEqual(['node', 'dist/worker.js']);
  });

  it.each(FILES)('select the pods that %s makes', (file) => {
    const { selector, template } = workload(file).spec ?? {};

    expect(template?.metadata?.labels).toEqual(selector?.matchLabels);
  });

  it('give names that last in the StatefulSet, and none in the Deployment', () => {
    const name = podOf('statefulset.yaml').env.get('MESSENGER_CONSUMER_NAME');

    expect(name?.valueFrom?.fieldRef?.fieldPath).toBe('metadata.name');
    expect(podOf('deployment.yaml').env.has('MESSENGER_CONSUMER_NAME')).toBe(false);
  });

  it('ask for the health of the workers where these tell it', () => {
    const { container } = podOf('statefulset.yaml');
    const port = container?.ports?.find(({ name }) => name === 'health')?.containerPort;
    expect(container?.command).toContain(`--health-port=${port}`);
    expect(container?.livenessProbe?.httpGet).toEqual({ path: '/live', port: 'health' });
    expect(container?.startupProbe?.httpGet).toEqual({ path: '/live', port: 'health' });
    expect(container?.readinessProbe?.httpGet).toEqual({ path: '/ready', port: 'health' });

    const deployed = podOf('deployment.yaml').container;
    const file = deployed?.command?.find((argument) => argument.startsWith('--health-file='))?.split('=')[1];
    expect(deployed?.livenessProbe?.exec?.command?.join(' ')).toContain(`find ${file} `);
    expect(deployed?.volumeMounts?.some(({ mountPath }) => file?.startsWith(`${mountPath}/`))).toBe(true);
  });
});
