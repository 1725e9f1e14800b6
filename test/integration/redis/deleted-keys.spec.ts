import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../fixtures/core.js';
import { type App, startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { perFile } from './support/lifetime.js';
import { startRedisServer } from './support/redis-server.js';

/** What an administrator, or an application that shares the server, may do to a stream that is being consumed. */
const DELETIONS: ReadonlyArray<readonly [what: string, action: (redis: Redis) => Promise<unknown>]> = [
  ['FLUSHALL', (redis) => redis.flushall()],
  ['DEL of the stream', (redis) => redis.del('jobs')],
  ['DEL of every key', async (redis) => redis.del(await redis.keys('*'))],
  ['XGROUP DESTROY', (redis) => redis.xgroup('DESTROY', 'jobs', 'symfony')],
];

describe.each(DELETIONS)('%s', (_what, deletion) => {
  const server = perFile((lifetime) => startRedisServer({}, lifetime));

  async function setup(handle?: (text: string) => unknown) {
    const redis = server().client();
    await redis.flushall();
    const open = () => startApp({ dsn: `${server().url}/jobs`, ...(handle && { handle }) });
    const blocked = (count: number) =>
      eventually(`${count} reads waited`, async () =>
        (await redis.info('clients')).includes(`blocked_clients:${count}\r`),
      );
    return { redis, open, blocked, app: open() };
  }

  function failures(app: App): readonly string[] {
    return app.log('error').filter((text) => !text.includes('failed on attempt'));
  }

  it('while nobody reads: the next fetch makes the group anew and misses nothing', async () => {
    const { redis, app } = await setup();
    await app.dispatch('first');
    await app.transport.ack(await app.transport.get());
    await deletion(redis);
    await app.dispatch('second');
    expect(await app.transport.get({ max: 10 })).toHaveLength(1);
  });

  it('while a worker waits: it makes the group anew at once, and misses nothing', async () => {
    const { redis, app, blocked } = await setup();
    app.work();
    await app.dispatch('first');
    await app.handles('first');
    await blocked(1);
    await deletion(redis);
    await app.dispatch('second');
    await app.handles('second');
    await blocked(1);
    expect(app.handled).toEqual(['first', 'second']);
    expect(failures(app)).toEqual([]);
    expect(app.log('warn')).toEqual([
      'The consumer group of stream "jobs" is gone. It is made anew, at the beginning of the stream.',
    ]);
  });

  it('while a handler runs: its acknowledgement does not harm, and the worker goes on', async () => {
    const [started, finish] = [deferred(), deferred()];
    const { redis, app } = await setup((text) => {
      started.resolve();
      return text === 'slow' ? finish.promise : undefined;
    });
    app.work({ prefetch: 0 });
    await app.dispatch('slow');
    await started.promise;
    await deletion(redis);
    finish.resolve();
    await app.handles('slow');
    await app.dispatch('next');
    await app.handles('next');
    await eventually('nothing was left', async () => (await redis.xlen('jobs')) === 0);
    expect(failures(app)).toEqual([]);
  });

  it.each([
    // A free slot makes the worker read on, and notice.
    { what: 'its worker makes the group anew', concurrency: 2, others: 0 },
    { what: 'another one does', concurrency: 1, others: 1 },
    { what: 'nobody does', concurrency: 1, others: 0 },
  ])(
    'while a handler runs that fails: the message is tried again all the same, when $what',
    async ({ concurrency, others }) => {
      const [started, finish] = [deferred(), deferred()];
      let tries = 0;
      const { redis, app, open, blocked } = await setup(async (text) => {
        if (text === 'doomed' && ++tries === 1) {
          started.resolve();
          await finish.promise;
          throw new Error('once');
        }
      });
      await app.dispatch('doomed');
      app.work({ concurrency, prefetch: 0 });
      await started.promise;
      const other = open();
      if (others > 0) {
        other.work();
      }
      await blocked(concurrency - 1 + others);
      await deletion(redis);
      if (concurrency + others > 1) {
        await app.dispatch('next');
        await eventually('the next one was handled', () =>
          [...app.handled, ...other.handled].includes('next'),
        );
      }
      finish.resolve();
      await eventually('it was handled', () => [...app.handled, ...other.handled].includes('doomed'));
      expect(failures(app)).toEqual([]);
    },
  );

  it('while a message is in hand: it is not handed out a second time by its own process', async () => {
    const [started, finish] = [deferred(), deferred()];
    const seen: string[] = [];
    const { redis, app, blocked } = await setup((text) => {
      seen.push(text);
      started.resolve();
      return text === 'slow' ? finish.promise : undefined;
    });
    app.work({ concurrency: 2, prefetch: 0 });
    await app.dispatch('slow');
    await started.promise;
    await blocked(1);
    await deletion(redis);
    await app.dispatch('other');
    await app.handles('other');
    finish.resolve();
    await app.handles('slow');
    expect(seen).toEqual(['slow', 'other']);
    await eventually('nothing was left', async () => (await redis.xlen('jobs')) === 0);
  });
});

describe('without "auto_setup"', () => {
  it('a group that is deleted is an error, until somebody sets it up', async () => {
    const server = await startRedisServer();
    const redis = server.client();
    const app = startApp({ dsn: `${server.url}/jobs`, options: { autoSetup: false } });
    await app.transport.setup();
    app.work();
    await app.dispatch('first');
    await app.handles('first');
    await redis.xgroup('DESTROY', 'jobs', 'symfony');
    await eventually('the worker said so', () => app.log('error').length > 0);
    await expect(app.transport.get()).rejects.toThrow(
      /the stream or its consumer group does not exist on redis:.*Run the command "setup-transports", or leave "auto_setup" on\.$/,
    );
    await app.dispatch('second');
    await app.transport.setup();
    await app.handles('second');
  });
});
