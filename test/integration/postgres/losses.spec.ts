import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import { eventually } from '../redis/support/eventually.js';
import { application, errorFrom, note, textsOf } from './setup.js';
import { openPool } from './support/shared-postgres.js';

const FAR = { pollInterval: 60_000, checkDelayedInterval: 60_000 };

describe('a connection to PostgreSQL that is lost', () => {
  let pool: Pool;

  beforeAll(() => {
    pool = openPool();
  });

  afterAll(() => pool.end());

  /** Ends the connections of a process; those only whose last statement is like `query`. Returns how many. */
  async function terminate(name: string, query = '%'): Promise<number> {
    const { rowCount } = await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND query LIKE $2`,
      [name, query],
    );
    return rowCount ?? 0;
  }

  /**
   * Whether a process only waits: it listens, has looked since, and no statement of it is under way, which would fail with its
   * connection.
   */
  const isAtRest = async (name: string): Promise<boolean> => {
    const { rows } = await pool.query<{ isAtRest: boolean }>(
      `SELECT bool_and(state = 'idle')
          AND max(query_start) FILTER (WHERE query NOT LIKE 'LISTEN%') > max(query_start) FILTER (WHERE query LIKE 'LISTEN%')
          AS "isAtRest"
        FROM pg_stat_activity WHERE application_name = $1`,
      [name],
    );
    return rows[0]?.isAtRest === true;
  };

  const isListening = async (name: string): Promise<boolean> => {
    const { rowCount } = await pool.query(
      "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'LISTEN%'",
      [name],
    );
    return (rowCount ?? 0) > 0;
  };

  it('does not end a fetch that waits, which gets what is sent afterwards', async () => {
    const app = application();
    const receiver = app.open();
    const sender = application({ table: app.table }).open();
    await receiver.setup();
    const received = receiver.get({ wait: 30_000 });
    await eventually('it waits', () => isAtRest(app.name));

    expect(await terminate(app.name)).toBeGreaterThan(0);
    await sender.send([note('a')]);

    expect(textsOf(await received)).toEqual(['a']);
  });

  it('and that listened, is replaced: what was sent meanwhile is found at once', async () => {
    const app = application();
    const receiver = app.open(FAR);
    await receiver.setup();
    const sender = application({ table: app.table }).open({ useNotify: false });
    await sender.send([]);
    const received = receiver.get({ wait: 50_000 });
    await eventually('it listens', () => isListening(app.name));

    await eventually('it was ended', async () => (await terminate(app.name, 'LISTEN%')) > 0);
    // Nobody tells of this one.
    await sender.send([note('a')]);

    expect(textsOf(await received)).toEqual(['a']);
  });

  it('under a send makes it fail with what is true: it may have been stored', async () => {
    const app = application();
    const sender = app.open();
    await sender.setup();
    const blocker = await pool.connect();
    await blocker.query('BEGIN');
    await blocker.query(`LOCK TABLE "${app.table}" IN ACCESS EXCLUSIVE MODE`);

    const sent = errorFrom(sender.send([note('a')]));
    await eventually('it waits', async () => {
      const { rowCount } = await pool.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'",
        [app.name],
      );
      return (rowCount ?? 0) > 0;
    });
    await terminate(app.name);
    const error = await sent;
    await blocker.query('ROLLBACK');
    blocker.release();

    expect(error).toBeInstanceOf(MaybeSentError);
    expect(error.message).toMatch(
      /^Transport "async": the connection to PostgreSQL at .* was lost before it/,
    );
    await sender.send([note('b')]);
    expect(textsOf(await sender.get({ max: 9 }))).toContain('b');
  });

  it('under a settlement is no error: it is tried again', async () => {
    const app = application();
    const transport = app.open();
    await transport.send([note('a')]);
    const received = await transport.get();
    const blocker = await pool.connect();
    await blocker.query('BEGIN');
    await blocker.query(`LOCK TABLE "${app.table}" IN ACCESS EXCLUSIVE MODE`);

    const settled = transport.ack(received);
    await eventually('it waited and was ended', async () => {
      const { rowCount } = await pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = $1 AND wait_event_type = 'Lock' AND query LIKE '%DELETE%'`,
        [app.name],
      );
      return (rowCount ?? 0) > 0;
    });
    await blocker.query('ROLLBACK');
    blocker.release();

    expect(await settled).toEqual({ lost: [] });
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });

  it('of the claim: a late settlement is refused by the token, and takes nothing away', async () => {
    const app = application();
    const slow = app.open({ redeliverTimeout: 0.1 });
    await slow.send([note('a')]);
    const late = await slow.get();
    const other = application({ table: app.table }).open();
    const again = await other.get({ wait: 10_000 });
    expect(textsOf(again)).toEqual(['a']);

    expect(await slow.ack(late)).toEqual({ lost: late });
    expect(await slow.release(late)).toEqual({ lost: late });
    expect(await slow.keepalive(late)).toEqual(late);
    expect(await slow.requeue([{ received: late[0]!, copy: note('b'), to: slow }])).toEqual({ lost: late });

    expect(await other.messageCount()).toMatchObject({ ready: 0, inFlight: 1, delayed: 0 });
    expect(await other.ack(again)).toEqual({ lost: [] });
  });
});

describe('a settlement that deadlocks with a transaction of somebody else', () => {
  it('is undone by PostgreSQL and made again', async () => {
    const pool = openPool();
    const app = application();
    const transport = app.open();
    await transport.send([note('a'), note('b')]);
    const received = await transport.get({ max: 2 });
    const other = await pool.connect();
    const lock = (text: string) =>
      other.query(`SELECT 1 FROM "${app.table}" WHERE body LIKE '%"${text}"%' FOR UPDATE`);
    try {
      // The other one never looks for deadlocks, so it is not the one that is undone.
      await other.query("BEGIN; SET LOCAL deadlock_timeout = '60s'");
      expect((await lock('b')).rowCount).toBe(1);
      const settled = transport.ack(received);
      await eventually('it waits', async () => {
        const { rowCount } = await pool.query(
          "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'",
          [app.name],
        );
        return (rowCount ?? 0) > 0;
      });
      await lock('a');
      await other.query('ROLLBACK');

      expect(await settled).toEqual({ lost: [] });
      expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    } finally {
      other.release(true);
      await pool.end();
    }
  });
});
