import { describe, expect, it } from 'vitest';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { startFaultProxy } from '../redis/support/fault-proxy.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { NoteSerializer } from '../sqlite/setup.js';
import { applicationOn, connectionsOn, note, place, receive, textsOf } from './setup.js';
import { mysqlDsn, sharedMysqlUrl } from './support/shared-mysql.js';

type TestPlace = ReturnType<typeof place>;

/** Locks the table's rows, or the whole table, on a connection of its own. */
async function locking({ pool, table }: TestPlace, what: 'rows' | 'table') {
  const connection = await pool.getConnection();
  if (what === 'rows') {
    await connection.beginTransaction();
    await connection.query(`SELECT id FROM \`${table}\` FOR UPDATE`);
  } else {
    await connection.query(`LOCK TABLES \`${table}\` WRITE`);
  }
  return {
    unlock: async (): Promise<void> => {
      await connection.query(what === 'rows' ? 'ROLLBACK' : 'UNLOCK TABLES');
      connection.release();
    },
  };
}

/** An application on the same table, with a proxy between it and the server. */
async function farFrom({ table }: TestPlace) {
  const url = sharedMysqlUrl();
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port || 3306) });
  const dsn = new URL(mysqlDsn({ table_name: table }));
  dsn.port = String(proxy.port);
  return { proxy, application: applicationOn(dsn.href) };
}

/** Kills the connection that has sent a statement with this text and waits for its answer. */
async function killWhoSent({ pool }: TestPlace, text: string): Promise<void> {
  const [id] = await eventually(`somebody sent "${text}"`, async () => {
    const found = await connectionsOn(pool, text);
    return found.length > 0 && found;
  });
  await pool.query(`KILL ${id}`);
}

describe('a connection to MySQL that is lost', () => {
  it('while sending leaves open whether it was stored, and says so', async () => {
    const here = place();
    const transport = here.application().open();
    await transport.setup();
    const { unlock } = await locking(here, 'table');
    const sending = rejectionOf(transport.send([note('a')]));
    await killWhoSent(here, `INSERT INTO \`${here.table}\``);
    const error = await sending;
    await unlock();
    expect(error).toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain('was lost before it confirmed');
    expect(error.message).toContain('MySQL at ');
    await transport.send([note('b')]);
    expect(textsOf(await receive(transport, 1))).toEqual(['b']);
  });

  it('while settling is made again, and the message settled once', async () => {
    const here = place();
    const transport = here.application().open();
    await transport.send([note('a'), note('b')]);
    const received = await receive(transport, 2);
    const { unlock } = await locking(here, 'rows');
    const acking = transport.ack(received);
    await killWhoSent(here, `DELETE FROM \`${here.table}\``);
    await unlock();
    expect(await acking).toEqual({ lost: [] });
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });

  it('while a receiver waits is an error of that wait at the most, and the next one receives', async () => {
    const here = place();
    const { proxy, application } = await farFrom(here);
    const transport = application.open({ pollInterval: 100 });
    const sender = here.application().open();
    await sender.send([note('a')]);
    expect(textsOf(await receive(transport, 1))).toEqual(['a']);
    const waiting = transport.get({ wait: 60_000 }).catch((error: unknown) => {
      expect(error).toBeInstanceOf(TransportError);
      return transport.get({ wait: 60_000 });
    });
    const before = proxy.accepted;
    proxy.cut();
    await eventually('it had connected again', () => proxy.accepted > before);
    await sender.send([note('b')]);
    expect(textsOf(await waiting)).toEqual(['b']);
  });
});

describe('a connection to MySQL that falls silent in the middle of a claim', () => {
  it.each(['queue', 'outbox'] as const)(
    'keeps a message of the %s from others for seconds, not for hours',
    async (what) => {
      const here = place();
      const { proxy, application: farAway } = await farFrom(here);
      const [far, near] = [farAway, here.application()].map((application) => {
        const transport = application.open({ queryTimeout: 500 });
        return what === 'queue' ? transport : transport.outboxOf('target', new NoteSerializer());
      }) as [SqlTransport, SqlTransport];
      await near.send([note('a')]);
      await far.messageCount();
      const { unlock } = await locking(here, 'table');
      const claiming = far.get();
      await eventually('it waits', async () => (await connectionsOn(here.pool, 'FOR UPDATE')).length > 0);
      proxy.blackhole();
      await unlock();
      await expect(claiming).rejects.toThrow(TransportError);

      expect(textsOf(await receive(near, 1))).toEqual(['a']);
    },
  );
});

describe('a settlement that deadlocks with a transaction of somebody else', () => {
  it('is undone by MySQL and made again', async () => {
    const here = place();
    const { pool, table } = here;
    const transport = here.application().open();
    await transport.send([note('a'), note('b')]);
    const received = await receive(transport, 2);
    const other = await pool.getConnection();
    const lock = (text: string) =>
      other.query(`SELECT id FROM \`${table}\` WHERE body = ? FOR UPDATE`, [text]);
    try {
      await other.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      await other.beginTransaction();
      // Of two, the one that has changed fewer rows is undone.
      const rows = Array.from({ length: 50 }, () => "('other', '{}', '{}', 0, 0)").join();
      await other.query(
        `INSERT INTO \`${table}\` (queue_name, body, headers, created_at, available_at) VALUES ${rows}`,
      );
      await lock('b');
      const settled = transport.ack(received);
      await eventually(
        'it waits',
        async () => (await connectionsOn(pool, `DELETE FROM \`${table}\``)).length > 0,
      );
      await lock('a');
      await other.rollback();

      expect(await settled).toEqual({ lost: [] });
      expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    } finally {
      await other.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      other.release();
    }
  });
});
