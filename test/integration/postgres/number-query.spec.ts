import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PgClient } from '../../../lib/transports/sql/server/postgres/postgres.driver.js';
import { PostgresLink } from '../../../lib/transports/sql/server/postgres/postgres.link.js';
import { StatementNames } from '../../../lib/transports/sql/server/postgres/postgres.statement-names.js';
import { sharedPostgresUrl } from './support/shared-postgres.js';

const ADD = 'SELECT $1::int + $2::int AS id';
const DIVIDE = 'SELECT 1 / $1::int AS id';

describe('a statement that answers PostgreSQL is asked for one number', () => {
  let client: pg.Client;
  let link: PostgresLink;

  beforeEach(async () => {
    client = new pg.Client(sharedPostgresUrl().href);
    await client.connect();
    link = new PostgresLink(client as unknown as PgClient, new StatementNames(), 5000);
  });

  afterEach(() => client.end());

  it('is prepared once for a connection', async () => {
    const sums = [await link.session.idOf(ADD, [1, 2]), await link.session.idOf(ADD, ['40', 2])];
    expect(sums).toEqual([3, 42]);
    const { rows } = await client.query(
      'SELECT generic_plans + custom_plans AS uses FROM pg_prepared_statements',
    );
    expect(rows).toEqual([{ uses: '2' }]);
  });

  it('shares what is prepared with the same statement that is sent in the other way', async () => {
    const { rows } = await link.session.again(ADD, [1, 2]);
    expect(rows).toEqual([{ id: 3 }]);
    await expect(link.session.idOf(ADD, [3, 4])).resolves.toBe(7);
    await expect(link.session.again(ADD, [5, 6])).resolves.toMatchObject({ rows: [{ id: 11 }] });
  });

  it('takes no, empty and long texts as parameters', async () => {
    const sql = 'SELECT coalesce(length($1::text), -1) AS id';
    const texts = [null, '', 'ä'.repeat(100_000)];
    const lengths = [];
    for (const text of texts) {
      lengths.push(await link.session.idOf(sql, [text]));
    }
    expect(lengths).toEqual([-1, 0, 100_000]);
  });

  it('rejects with the error of the server, and the connection goes on', async () => {
    await expect(link.session.idOf(DIVIDE, [0])).rejects.toMatchObject({ code: '22012' });
    await expect(link.session.idOf(DIVIDE, [1])).resolves.toBe(1);
    await expect(link.session.idOf(DIVIDE, [0])).rejects.toMatchObject({ code: '22012' });
    await expect(link.session.query('SELECT 2 AS id', [])).resolves.toMatchObject({ rows: [{ id: 2 }] });
    expect(link.isBroken).toBe(false);
  });

  it('rejects when the server answers with nothing', async () => {
    await expect(link.session.idOf('SELECT 1 AS id WHERE $1::int = 2', [1])).rejects.toThrow(
      'the statement has answered with nothing',
    );
  });

  it('is sent as a text once the server has forgotten it', async () => {
    await link.session.idOf(ADD, [1, 2]);
    await client.query('DEALLOCATE ALL');
    await expect(link.session.idOf(ADD, [1, 2])).rejects.toMatchObject({ code: '26000' });
    await expect(link.session.idOf(ADD, [1, 2])).resolves.toBe(3);
    await expect(client.query('SELECT name FROM pg_prepared_statements')).resolves.toMatchObject({
      rows: [],
    });
  });

  it('rejects when the connection is lost, which is not used again', async () => {
    const slow = expect(link.session.idOf('SELECT pg_sleep($1) IS NULL AS id', [60])).rejects.toThrow();
    const other = new pg.Client(sharedPostgresUrl().href);
    await other.connect();
    await other.query('SELECT pg_terminate_backend($1)', [
      (client as unknown as { processID: number }).processID,
    ]);
    await slow;
    await other.end();
    expect(link.isBroken).toBe(true);
    await expect(link.session.idOf(ADD, [1, 2])).rejects.toThrow();
  });

  it('rejects when the server is silent for too long', async () => {
    const impatient = new PostgresLink(client as unknown as PgClient, new StatementNames(), 50);
    await expect(impatient.session.idOf('SELECT pg_sleep($1) IS NULL AS id', [0.2])).rejects.toThrow(
      'it has been silent for 50 ms',
    );
    expect(impatient.isBroken).toBe(true);
  });

  it('goes through a client that has no connection to write to', async () => {
    const foreign: PgClient = {
      query: ((text: string, values: unknown[]) =>
        client.query(text, values)) as unknown as PgClient['query'],
      on: () => undefined,
      removeListener: () => undefined,
    };
    const session = new PostgresLink(foreign, new StatementNames(), 5000).session;
    await expect(session.idOf(ADD, [1, 2])).resolves.toBe(3);
  });
});
