import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { eventually } from '../redis/support/eventually.js';
import { startFaultProxy } from '../redis/support/fault-proxy.js';
import { application, note, temporaryTable, textsOf } from './setup.js';
import { openPool, postgresDsn } from './support/shared-postgres.js';

describe('two transports on two tables of one PostgreSQL', () => {
  it.each([1, 2])('exchange %i message(s) in one step', async (count) => {
    const app = application();
    const [here, there] = [app.open(), app.open({ table_name: temporaryTable() }, 'failed')];
    await here.send(Array.from({ length: count }, (_, index) => note(`${index}`)));
    const received = await here.get({ max: count });
    expect(here.canRequeueTo(there)).toBe(true);

    const items = received.map((each) => ({
      received: each,
      copy: note(`copy of ${textsOf([each])[0]}`),
      to: there,
    }));
    await expect(here.requeue(items)).resolves.toEqual({ lost: [] });
    expect(await here.messageCount()).toMatchObject({ ready: 0, inFlight: 0 });
    expect(textsOf(await there.get({ max: count }))).toEqual(items.map((_, index) => `copy of ${index}`));
  });

  it('are kept from others for seconds, not for hours, by a connection that falls silent in the middle', async () => {
    const url = new URL(postgresDsn({}));
    const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port || 5432) });
    const table = temporaryTable();
    const throughProxy = (query: Readonly<Record<string, string>>): string => {
      const dsn = new URL(postgresDsn(query));
      dsn.port = String(proxy.port);
      return dsn.href;
    };
    const far = application({ table, dsnOf: throughProxy });
    const options = { queryTimeout: 500, redeliverTimeout: 1 };
    const [here, there] = [
      far.open(options),
      far.open({ ...options, table_name: temporaryTable() }, 'failed'),
    ];
    const near = application({ table }).open(options);
    await there.setup();
    await here.send([note('a')]);
    const [received] = await here.get();
    const pool = openPool();
    const other = await pool.connect();
    try {
      await other.query('BEGIN');
      await other.query(`SELECT id FROM "${table}" FOR UPDATE`);
      const requeued = here.requeue([{ received: received as Envelope, copy: note('copy'), to: there }]);
      await eventually('it waits for the row', async () => {
        const { rows } = await pool.query(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = $1",
          [far.name],
        );
        return rows.length > 0;
      });
      proxy.blackhole();
      await other.query('COMMIT');
      await expect(requeued).rejects.toThrow(TransportError);

      const got = async () => {
        const envelopes = await near.get();
        return envelopes.length > 0 && envelopes;
      };
      // The tries of the other have taken longer than its transaction may be idle.
      const again = await eventually('another has it', got, 5000);
      expect(textsOf(again)).toEqual(['a']);
    } finally {
      other.release();
      await pool.end();
    }
  });
});
