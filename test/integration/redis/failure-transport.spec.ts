import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { FailingApp, type FailingAppPlace, OrderPlaced } from '../../fixtures/failing-app.js';
import { describeFailureTransport } from '../../fixtures/failure-transport-suite.js';
import { redisUrl, sharedRedis, uniqueStream } from './support/shared-redis.js';

function placeIn(stream: string): FailingAppPlace {
  return {
    dsn: redisUrl(stream),
    failureDsn: redisUrl(`${stream}_failed`),
    insert: async (headers, body) => {
      const encoded = JSON.stringify({ body, headers });
      await sharedRedis().xadd(stream, '*', 'message', `s:${encoded.length}:"${encoded}";`);
    },
  };
}

/** One whose transports are in Redis. */
function failingApp(stream = uniqueStream()): FailingApp {
  return new FailingApp(placeIn(stream));
}

describeFailureTransport('Redis', () => placeIn(uniqueStream()));

describe('a failure transport in Redis', () => {
  it('does not hand a message to the console that a worker has', async () => {
    const stream = uniqueStream();
    const app = failingApp(stream);
    const [order] = await app.fail();
    await sharedRedis()
      .xgroup('CREATE', `${stream}_failed`, 'symfony', '0')
      .catch(() => 'BUSYGROUP');
    await sharedRedis().xreadgroup(
      'GROUP',
      'symfony',
      'worker',
      'COUNT',
      1,
      'STREAMS',
      `${stream}_failed`,
      '>',
    );
    expect((await app.run('failed:retry', order?.id ?? '')).stdout).toContain('is in the hands of a worker');
    expect((await app.run('failed:remove', order?.id ?? '', '--force')).exitCode).toBe(1);
    expect(await app.failed()).toHaveLength(2);
    expect(await app.json('stats', 'failed')).toMatchObject({
      transports: { failed: { ready: 1, inFlight: 1, delayed: 0 } },
    });
  });
});

describe('the console on Redis transports', () => {
  it('sets them up, as no consumer of theirs', async () => {
    const stream = uniqueStream();
    const app = failingApp(stream);
    const { exitCode, stdout } = await app.run('setup-transports');
    expect([exitCode, stdout]).toEqual([0, 'Transport "async": ready.\nTransport "failed": ready.\n']);
    expect((await app.run('setup-transports')).exitCode).toBe(0);
    await app.run('stats');
    await app.run('show', 'async');
    const keys = await sharedRedis().keys(`${stream}*`);
    expect(keys).toEqual(expect.arrayContaining([stream, `${stream}_failed`]));
    expect(keys.filter((key) => /__(wake|consumer|readers)/.test(key))).toEqual([]);
    expect(await sharedRedis().xinfo('GROUPS', stream)).toMatchObject([expect.arrayContaining(['symfony'])]);
  });

  it('counts what is ready and what is delayed, and shows both', async () => {
    const app = failingApp();
    await app.dispatch([new OrderPlaced(1), new OrderPlaced(2)]);
    await app.dispatch([new OrderPlaced(3)], [new DelayStamp(60_000)]);
    expect(await app.json('stats')).toMatchObject({
      transports: {
        async: { ready: 2, inFlight: 0, delayed: 1 },
        failed: { ready: 0, inFlight: 0, delayed: 0 },
      },
    });
    const { messages } = (await app.json('show', 'async', '-v')) as {
      messages: Array<{ id: string; content: unknown }>;
    };
    expect(messages.map(({ content }) => content)).toEqual([{ orderId: 1 }, { orderId: 2 }, { orderId: 3 }]);
    for (const { id, content } of messages) {
      expect(await app.json('show', 'async', id, '-v')).toMatchObject({ id, content });
    }
  });
});
