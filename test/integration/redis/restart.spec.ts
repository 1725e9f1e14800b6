import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { deferred } from '../../fixtures/core.js';
import { type App, startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import type { RedisServerOptions } from './support/redis-config.js';
import type { RedisInstance } from './support/redis-instance.js';
import { startRedisServer } from './support/redis-server.js';

/** How long after its server's return a worker may need for its next message: a second, and what a busy machine adds. */
const BACK_MS = 2000;

/** A server that has written down what it has answered. */
const DURABLE: RedisServerOptions = { appendonly: true, config: ['appendfsync always'] };

async function setup(options: RedisServerOptions = {}) {
  const server = await startRedisServer(options);
  const redis = server.client();
  return {
    server,
    redis,
    open: (handle?: (text: string) => unknown) =>
      startApp({ dsn: `${server.url}/jobs`, ...(handle && { handle }) }),
    /** Resolves when so many connections wait in the server, and no more. */
    blocked: (count: number) =>
      eventually(`${count} reads waited`, async () =>
        (await redis.info('clients')).includes(`blocked_clients:${count}\r`),
      ),
    /** Resolves when no message is left. */
    empty: () => eventually('nothing was left', async () => (await redis.xlen('jobs')) === 0),
  };
}

/** Restarts the server, and resolves with the milliseconds that `next` took from then on. */
async function timeAfterRestart(server: RedisInstance, next: () => Promise<unknown>): Promise<number> {
  await server.restart();
  const before = performance.now();
  await next();
  return performance.now() - before;
}

function complaints(app: App): readonly string[] {
  return [...app.log('error'), ...app.log('warn')].filter(
    (text) => !text.includes('trying again until it answers'),
  );
}

describe('a server that is restarted while workers wait', () => {
  it.each([
    { what: 'with what it had', options: DURABLE },
    { what: 'without what it had', options: {} },
  ])('$what has them back within a second, each with one read', async ({ options }) => {
    const { server, open, blocked } = await setup(options);
    const apps = [open(), open(), open()];
    apps.forEach((app) => app.work());
    await blocked(3);
    for (const text of ['first', 'second', 'third']) {
      const time = await timeAfterRestart(server, async () => {
        await apps[0]?.dispatch(text);
        await eventually(`${text} was handled`, () => apps.some(({ handled }) => handled.includes(text)));
      });
      expect(time).toBeLessThan(BACK_MS);
      await blocked(3);
    }
    expect(apps.flatMap(({ handled }) => handled).toSorted()).toEqual(['first', 'second', 'third']);
    expect(apps.flatMap(complaints)).toEqual([]);
  });

  it('keeps delayed messages, and hands them out when they are due', async () => {
    const { server, open, blocked } = await setup(DURABLE);
    const app = open();
    app.work();
    await blocked(1);
    await app.dispatch('late', new DelayStamp(1000));
    await server.kill();
    await server.restart();
    await app.handles('late');
  });

  it('makes a dispatch of that moment reject, or stores its message; never both, never neither', async () => {
    const { server, open, redis } = await setup(DURABLE);
    const app = open();
    const stored: string[] = [];
    let isOver = false;
    const dispatching = (async () => {
      for (let index = 0; !isOver; index++) {
        await app.dispatch(`${index}`).then(
          () => stored.push(`${index}`),
          () => undefined,
        );
      }
    })();
    await eventually('some were stored', () => stored.length > 20);
    await server.kill();
    await server.restart();
    const before = stored.length;
    await eventually('more were stored', () => stored.length > before + 20);
    isOver = true;
    await dispatching;
    const entries = await redis.xrange('jobs', '-', '+');
    const texts = entries.map(([, fields]) => /\\"text\\":\\"(\d+)\\"/.exec(String(fields[1]))?.[1]);
    expect(stored.filter((text) => !texts.includes(text))).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('a server that is restarted while messages are handled', () => {
  /** Three workers, each with a message in hand that is finished when the test says so. */
  async function setupBusy(options: RedisServerOptions) {
    const world = await setup(options);
    const finish = deferred();
    const started: string[] = [];
    const apps = [0, 1, 2].map(() =>
      world.open(async (text) => {
        started.push(text);
        await finish.promise;
      }),
    );
    apps.forEach((app) => app.work({ prefetch: 0 }));
    for (const text of ['a', 'b', 'c']) {
      await apps[0]?.dispatch(text);
    }
    await eventually('all were started', () => started.length === 3);
    return { ...world, apps, started, finish };
  }

  it('lets them be finished and acknowledged, and hands none of them out again', async () => {
    const { server, apps, started, finish, empty, blocked } = await setupBusy(DURABLE);
    await server.kill();
    await server.restart();
    finish.resolve();
    await empty();
    await blocked(3);
    expect(started.toSorted()).toEqual(['a', 'b', 'c']);
    expect(apps.flatMap(complaints)).toEqual([]);
  });

  it('has them acknowledged late that were finished while it was down', async () => {
    const { server, apps, started, finish, empty } = await setupBusy(DURABLE);
    await server.kill();
    finish.resolve();
    await eventually('all were handled', () => apps.every(({ handled }) => handled.length > 0));
    await server.restart();
    await empty();
    expect(started.toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('reports it as a warning that they are gone, if it has forgotten them, and the workers go on', async () => {
    const { server, apps, finish, blocked } = await setupBusy({});
    await server.kill();
    await server.restart();
    finish.resolve();
    await blocked(3);
    const late = apps.map((app) =>
      app.log('warn').filter((text) => text.startsWith('Too late to acknowledge')),
    );
    expect(late.map(({ length }) => length)).toEqual([1, 1, 1]);
    await apps[0]?.dispatch('next');
    await eventually('it was handled', () => apps.some(({ handled }) => handled.includes('next')));
  });
});
