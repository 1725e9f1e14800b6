import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { application } from './setup.js';
import { startRedisServer } from './support/redis-server.js';

const WAIT_MS = 200;
const ROUNDS = 8;

async function setup() {
  const server = await startRedisServer();
  const { open } = application({ urlOf: (stream) => `${server.url}/${stream}` });
  const [high, low] = [open({ stream: 'high' }, 'high'), open({ stream: 'low' }, 'low')];
  const redis = server.client();
  const callsOf = async (command: string): Promise<number> => {
    const stats = await redis.info('commandstats');
    return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
  };
  return { high, low, redis, callsOf };
}

/** As a worker does: each wait follows upon the one before. */
async function waitAgainAndAgain(transport: RedisTransport): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    await transport.get({ wait: WAIT_MS });
    await nextTurn();
  }
}

describe('two Redis transports that wait for messages at different times', () => {
  it('need one read for each wait, since one that begins again does not interrupt the other', async () => {
    const { high, low, redis, callsOf } = await setup();
    await Promise.all([high.get(), low.get()]);
    await redis.config('RESETSTAT');

    const both = waitAgainAndAgain(high);
    await pause(WAIT_MS / 2);
    await Promise.all([both, waitAgainAndAgain(low)]);

    expect(await callsOf('xreadgroup')).toBeLessThanOrEqual(2 * ROUNDS + 3);
    // But for the very first wait of the second one.
    expect(await callsOf('eval')).toBeLessThanOrEqual(2);
  });
});
