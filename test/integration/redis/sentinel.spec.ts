import { describe, expect, it } from 'vitest';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { rejectionOf } from '../../fixtures/core.js';
import { type App, startApp } from './support/app.js';
import { conformanceOn } from './support/conformance-on.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { perFile } from './support/lifetime.js';
import { type RedisSentinel, startRedisSentinel } from './support/redis-sentinel.js';

function dsnOf({ sentinel, name }: RedisSentinel, stream: string = 'jobs'): string {
  const auth = `auth=${encodeURIComponent('s3ntinel/:@')}`;
  return `redis://:${encodeURIComponent('m@ster/?')}@127.0.0.1:${sentinel.port}/${encodeURIComponent(stream)}?sentinel_master=${name}&${auth}`;
}

const PASSWORDS = { password: 'm@ster/?', sentinelPassword: 's3ntinel/:@' };

/** Dispatches until one is accepted, as an application would whose users try again. Resolves with its text. */
async function accepted(app: App, prefix: string): Promise<string> {
  let tries = 0;
  const dispatch = async (): Promise<string> => {
    const text = `${prefix} ${++tries}`;
    await app.dispatch(text);
    return text;
  };
  return eventually('a dispatch was accepted', dispatch, 15_000);
}

describe('behind a Sentinel', () => {
  const redis = perFile((lifetime) => startRedisSentinel(PASSWORDS, lifetime));

  describe('the transport', () => {
    const create = conformanceOn(() => {
      const client = redis().client();
      return { dsnOf: (stream) => dsnOf(redis(), stream), client: () => client };
    });

    // A hundred applications at once, and servers beside them, on a machine that may be busy.
    const cases = transportConformance({
      name: 'it',
      shortLease: 1000,
      punctuality: 4000,
      patience: 10_000,
      create,
    });

    it.concurrent.each([...cases])('$name', ({ run }) => run());
  });

  it.each(['command', 'kill'] as const)(
    'an application follows a failover by %s within seconds, and so does a worker that waits',
    async (by) => {
      await redis().ready();
      const app = startApp({ dsn: dsnOf(redis()) });
      const worker = app.work();
      await app.dispatch(`before ${by}`);
      await app.handles(`before ${by}`);
      const old = await redis().master();
      await redis().failover(by);
      const before = performance.now();
      await app.handles(await accepted(app, `after ${by}`));
      expect(performance.now() - before).toBeLessThan(4000);
      await eventually('the worker waited at the new master', async () => {
        const master = await redis().master();
        return master !== old && (await master.client().info('clients')).includes('blocked_clients:1\r');
      });
      expect(await worker.stop()).toBeLessThan(1000);
      await old.restart();
      await redis().ready();
    },
  );
});

describe('a master that freezes', () => {
  it('is replaced, followed by dispatches and workers, and does not win them back when it thaws', async () => {
    const redis = await startRedisSentinel(PASSWORDS);
    const app = startApp({ dsn: dsnOf(redis) });
    app.work();
    await app.dispatch('first');
    await app.handles('first');
    const frozen = await redis.master();
    frozen.pause();
    await app.handles(await accepted(app, 'while it is frozen'), 15_000);
    frozen.resume();
    const thawed = frozen.client();
    await eventually('it was a replica', async () =>
      (await thawed.info('replication')).includes('role:slave'),
    );
    await app.handles(await accepted(app, 'afterwards'));
    expect(await redis.master()).not.toBe(frozen);
  });
});

describe('without a Sentinel', () => {
  it('an application rejects a dispatch soon, and says that no Sentinel answers', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const app = startApp({ dsn: `redis://127.0.0.1:${first},127.0.0.1:${second}/jobs?sentinel_master=main` });
    for (const text of ['lost', 'lost again']) {
      const before = performance.now();
      const error = await rejectionOf(app.dispatch(text));
      expect(performance.now() - before).toBeLessThan(1000);
      expect(error.message).toMatch(
        /\?sentinel_master=main does not answer \(no Sentinel answers\)\. Check that the DSN names Sentinels/,
      );
    }
    const worker = app.work();
    await eventually('the worker tried', () => app.log('debug').length > 2);
    expect(await worker.stop()).toBeLessThan(1000);
  });

  it('which is back later, workers and dispatches are back within a second', async () => {
    const redis = await startRedisSentinel(PASSWORDS);
    await redis.sentinel.stop();
    const app = startApp({ dsn: dsnOf(redis) });
    app.work();
    await eventually('the worker tried', () => app.log('debug').length > 2);
    await redis.sentinel.restart();
    const before = performance.now();
    await app.handles(await accepted(app, 'back'));
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('connections that are made go on', async () => {
    const redis = await startRedisSentinel(PASSWORDS);
    const app = startApp({ dsn: dsnOf(redis) });
    app.work();
    await app.dispatch('first');
    await app.handles('first');
    await redis.sentinel.stop();
    await app.dispatch('second');
    await app.handles('second');
  });
});

describe('a Sentinel', () => {
  it('that does not know the master is not taken for one that does not answer', async () => {
    const redis = await startRedisSentinel();
    const app = startApp({ dsn: `redis://127.0.0.1:${redis.sentinel.port}/jobs?sentinel_master=unknown` });
    expect((await rejectionOf(app.dispatch('lost'))).message).toContain(
      'does not answer (no Sentinel names the master: ERR No such master with that name). Check',
    );
  });

  it('that wants a password says so', async () => {
    const redis = await startRedisSentinel({ sentinelPassword: 'secret' });
    const app = startApp({
      dsn: `redis://127.0.0.1:${redis.sentinel.port}/jobs?sentinel_master=${redis.name}`,
    });
    expect((await rejectionOf(app.dispatch('lost'))).message).toContain('NOAUTH');
  });
});
