import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment, type IDeployment, type IStatefulSet, StatefulSet } from 'kubernetes-models/apps/v1';
import { type IService, Service } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { deployFile, ROOT } from './deploy-file.js';

/** The kinds of objects in the manifests, and the schema of each, which `validate` uses. */
const KINDS = { Deployment, StatefulSet, Service } as const;

const MODULES: Readonly<Record<keyof typeof KINDS, string>> = {
  Deployment: 'kubernetes-models/apps/v1',
  StatefulSet: 'kubernetes-models/apps/v1',
  Service: 'kubernetes-models/v1',
};

/** An object of Kubernetes as a manifest has it. */
export type Manifest = IDeployment | IStatefulSet | IService;

/** The objects of a manifest. @throws Error for what is no YAML, or has a key twice. */
export function manifestsIn(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      throw error;
    }
    return document.toJS() as Manifest;
  });
}

/** Those of a file of the sample application. */
export function manifestsOf(file: string): readonly Manifest[] {
  return manifestsIn(deployFile(`kubernetes/${file}`));
}

/** @throws AjvError when the object does not fit its schema: a field is missing or has another type. */
export function validate(manifest: Manifest): void {
  const kind = manifest.kind;
  new KINDS[kind](manifest as never).validate();
}

/**
 * What is wrong by the types that were made of the schemas. The schemas accept fields that they do not know, which Kubernetes drops,
 * a misspelt probe for instance; the types do not.
 */
export function misfits(manifests: readonly Manifest[]): readonly string[] {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'dist/manifests-'));
  try {
    const constants = manifests.map(
      (manifest, index) =>
        `export const m${index}: import('${MODULES[manifest.kind]}').I${manifest.kind} = ${JSON.stringify(manifest)};`,
    );
    writeFileSync(join(folder, 'manifests.ts'), constants.join('\n'));
    const settings = {
      extends: '../../tsconfig.json',
      compilerOptions: { rootDir: '.', noEmit: true },
      include: ['.'],
      exclude: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = [join(ROOT, 'node_modules/typescript-7/bin/tsc'), '-p', folder, '--pretty', 'false'];
    const { stdout } = spawnSync(process.execPath, tsc, { encoding: 'utf8' });
    return stdout.split('\n').filter((line) => line.includes('error TS'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
