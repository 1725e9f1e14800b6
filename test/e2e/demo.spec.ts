import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '../..');

/** Runs a script of the sample application to its end. */
function run(script: string): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [join(root, 'sample-app', script)], { cwd: root });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}

describe('npm run demo', () => {
  it('ends with 0, having seen that everything it claims is true', async () => {
    const { exitCode, output } = await run('demo/run.mjs');

    expect(output).toMatch(/^All 7 expectations were met\.$/m);
    expect(exitCode).toBe(0);
  }, 60_000);
});
