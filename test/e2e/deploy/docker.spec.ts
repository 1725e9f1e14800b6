import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { redisUrl, uniqueStream } from '../../integration/redis/support/shared-redis.js';
import { until } from '../support/until.js';
import { buildApp } from './support/build-app.js';
import { deployFile, ROOT } from './support/deploy-file.js';

const dockerfile = deployFile('Dockerfile');

/** The list of an instruction of the last stage. */
function listOf(instruction: string): readonly string[] {
  const text = new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(dockerfile)?.[1];
  return JSON.parse(text ?? 'null') as readonly string[];
}

const command = [...listOf('ENTRYPOINT'), ...listOf('CMD')];

/** The process that a namespace of its own has as its first. */
function firstChildOf(pid: number): number {
  const [child] = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '),
  );
  return Number(child ?? 0);
}

describe('the Dockerfile of the sample application', () => {
  it('starts node itself, without a shell and without npm', () => {
    expect(command).toEqual(['node', 'dist/worker.js', 'async']);
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  // Only root may make process 1 of something.
  it.skipIf(process.getuid?.() !== 0)(
    'runs a worker that ends in good order as process 1, which has no signal handlers but its own',
    async () => {
      buildApp();
      const [program = '', ...args] = command;
      const child = spawn('unshare', ['--pid', '--fork', '--kill-child', program, ...args], {
        cwd: ROOT,
        env: { ...process.env, MESSENGER_TRANSPORT_DSN: redisUrl(uniqueStream()), SHOP_DATABASE: ':memory:' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      await until('it consumes', () => output.includes('consumes "async"'), 45_000);

      const closed = once(child, 'close') as Promise<[number | null]>;
      process.kill(firstChildOf(child.pid ?? 0), 'SIGTERM');

      expect((await closed)[0]).toBe(0);
      expect(output).toContain('stops: signal SIGTERM');
    },
    60_000,
  );
});
