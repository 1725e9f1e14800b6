import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { redisUrl, sharedRedis, uniqueStream } from '../integration/redis/support/shared-redis.js';

const root = join(__dirname, '../..');

describe('npm run demo, told to use Redis for its messages and for the failed ones', () => {
  it('ends with 0, having seen the same, and leaves no message in Redis', async () => {
    const redis = sharedRedis();
    const [stream, failed] = [uniqueStream(), uniqueStream()];
    const demo = spawn(process.execPath, [join(root, 'sample-app/demo/run.mjs')], {
      cwd: root,
      env: {
        ...process.env,
        MESSENGER_TRANSPORT_DSN: redisUrl(stream),
        MESSENGER_FAILURE_DSN: redisUrl(failed),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => {
      demo.kill('SIGTERM');
    });
    let output = '';
    demo.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    demo.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));

    const [exitCode] = (await once(demo, 'close')) as [number | null];

    expect(output).toMatch(/^All 7 expectations were met\.$/m);
    expect(output).toContain('two processes, and Redis between them');
    expect(exitCode).toBe(0);
    // They were there: their streams are, and are empty.
    for (const name of [stream, failed]) {
      expect(await redis.type(name)).toBe('stream');
      expect(await redis.xlen(name)).toBe(0);
    }
  }, 120_000);
});
