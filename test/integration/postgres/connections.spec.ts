import { Pool } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../redis/support/eventually.js';
import { application, note, textsOf } from './setup.js';
import { sharedPostgresUrl, uniqueName } from './support/shared-postgres.js';

/** A pool as an application has it. */
function poolOf(max: number): Pool {
  const pool = new Pool({
    connectionString: sharedPostgresUrl().href,
    max,
    application_name: uniqueName('pool'),
  });
  onTestFinished(() => (pool.ended ? undefined : pool.end()));
  return pool;
}

describe('transports on a pool of the application', () => {
  it('use it, share a database, and leave it open and as it was', async () => {
    const pool = poolOf(4);
    const app = application({ connection: pool });
    const [transport, failed] = [app.open(), app.open({ queueName: 'failed' }, 'failed')];
    expect(transport.canRequeueTo(failed)).toBe(true);
    await transport.send([note('a'), note('b')]);
    const [first] = await transport.get({ max: 2 });
    expect(await transport.requeue([{ received: first!, copy: note('c'), to: failed }])).toEqual({
      lost: [],
    });
    expect(textsOf(await failed.get())).toEqual(['c']);
    const received = transport.get({ wait: 20_000 });
    await eventually('a client listens', async () => {
      const { rowCount } = await pool.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'LISTEN%'",
        [pool.options.application_name],
      );
      return (rowCount ?? 0) > 0;
    });
    await application({ table: app.table })
      .open()
      .send([note('d')]);
    expect(textsOf(await received)).toEqual(['d']);

    await Promise.all([transport.close(), failed.close()]);

    expect(pool.ended).toBe(false);
    expect(pool.idleCount).toBe(pool.totalCount);
    expect(pool.listenerCount('error')).toBe(0);
    for (let index = pool.totalCount; index > 0; index--) {
      const client = await pool.connect();
      onTestFinished(() => client.release());
      expect((await client.query('SELECT pg_listening_channels()')).rows).toEqual([]);
      expect(client.listenerCount('notification')).toBe(0);
    }
    app.open();
  });

  it('let the application close the pool while they wait', async () => {
    const pool = poolOf(3);
    const app = application({ connection: pool });
    const transport = app.open();
    await transport.setup();
    const stop = new AbortController();
    const waiting = transport.get({ wait: 30_000, signal: stop.signal }).catch(() => []);
    const watching = poolOf(1);
    await eventually('a client listens', async () => {
      const { rowCount } = await watching.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'LISTEN%'",
        [pool.options.application_name],
      );
      return (rowCount ?? 0) > 0;
    });

    await pool.end();

    stop.abort();
    await waiting;
    await transport.close();
    expect(pool.totalCount).toBe(0);
  });

  it('look for messages if the pool has one connection only, and say so once', async () => {
    const app = application({ connection: poolOf(1) });
    const transport = app.open({ pollInterval: 100 });
    await transport.setup();
    const received = transport.get({ wait: 20_000 });
    await application({ table: app.table })
      .open()
      .send([note('a')]);

    expect(textsOf(await received)).toEqual(['a']);
    expect(app.logger.texts('warn')).toEqual([
      "the application's PostgreSQL does not let this process listen for new messages: its pool has no connection to spare. Let it " +
        'have two or more, or set "use_notify" to false. Until then it looks for them in intervals of "poll_interval".',
    ]);
  });

  it('go on when its connections are lost, and do not take the process with them', async () => {
    const pool = poolOf(3);
    const app = application({ connection: pool });
    const transport = app.open();
    await transport.send([note('a')]);
    const terminating = application().open();
    await terminating.setup();
    const other = poolOf(1);

    await other.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
      pool.options.application_name,
    ]);
    await eventually('the pool has noticed', () => pool.totalCount === 0);

    expect(textsOf(await transport.get())).toEqual(['a']);
  });

  it('and others with equal options share one of their own, those with another mode of TLS do not', () => {
    const app = application();
    const open = (options: Readonly<Record<string, unknown>>) => app.open({ ...options, host: '127.0.0.1' });

    expect(open({}).canRequeueTo(open({ queueName: 'b' }))).toBe(true);
    const modes = ['verify-ca', 'verify-full'].map((sslmode) => open({ sslmode }));
    expect(modes[0]!.canRequeueTo(modes[1]!)).toBe(false);
    expect(open({}).canRequeueTo(open({ poolSize: 7 }))).toBe(false);
  });
});
