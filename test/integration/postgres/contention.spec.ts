import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { application, note, temporaryTable, textsOf } from './setup.js';
import { openPool } from './support/shared-postgres.js';

let pool: Pool;

beforeAll(() => {
  pool = openPool();
});

afterAll(() => pool.end());

describe('eight workers on one PostgreSQL table', () => {
  it(
    'that claim, settle, prolong, give back and requeue at once see no error, and lose nothing',
    { timeout: 60_000 },
    async () => {
      const table = temporaryTable();
      const count = 600;
      const first = application({ table }).open();
      await first.send(Array.from({ length: count }, (_, index) => note(`${index}`)));
      const done = new Set<string>();
      const worker = async (): Promise<void> => {
        const app = application({ table });
        const [transport, second] = [
          app.open({ poolSize: 3 }),
          app.open({ queueName: 'second', poolSize: 3 }),
        ];
        const [from, to] = Math.random() < 0.5 ? [transport, second] : [second, transport];
        while (done.size < count) {
          for (const [source, target] of [
            [from, to],
            [to, from],
          ] as const) {
            // One more than claims the same rows in another order.
            const received = (await Promise.all([source.get({ max: 7 }), source.get({ max: 5 })])).flat();
            const [settled, released, moved] = [
              received.filter((_, index) => index % 3 === 0),
              received.filter((_, index) => index % 3 === 1),
              received.filter((_, index) => index % 3 === 2),
            ];
            await Promise.all([
              source.keepalive(received),
              source.ack(settled.toReversed()).then(() => textsOf(settled).forEach((text) => done.add(text))),
              source.release(released.toReversed()),
              source.requeue(moved.map((each) => ({ received: each, copy: each, to: target }))),
              source.keepalive(received.toReversed()),
            ]);
          }
        }
      };

      await Promise.all(Array.from({ length: 8 }, worker));

      expect(done.size).toBe(count);
      const { rows } = await pool.query(`SELECT count(*)::int AS left FROM "${table}"`);
      expect(rows).toEqual([{ left: 0 }]);
    },
  );
});

describe('a PostgreSQL table whose statistics are of another time', () => {
  /** The kinds of scan in the plans of claiming and looking. */
  async function explain(table: string): Promise<{ readonly ms: number }> {
    const transport = application({ table }).open({ useNotify: false });
    await transport.setup();
    const began = performance.now();
    const received = await transport.get({ max: 10 });
    await transport.ack(received);
    await transport.get({ wait: 1 });
    return { ms: performance.now() - began };
  }

  async function fill(table: string, rows: number): Promise<void> {
    await pool.query(
      `INSERT INTO "${table}" (queue_name, body, headers, created_at, available_at)
       SELECT 'default', '{"text":"x"}', '{"type":"Note"}', 0, n FROM generate_series(1, $1::int) AS n`,
      [rows],
    );
  }

  it('is claimed from as fast if they say that it is empty, and it is not', { timeout: 60_000 }, async () => {
    const table = temporaryTable();
    await application({ table }).open().setup();
    await pool.query(`ALTER TABLE "${table}" SET (autovacuum_enabled = off)`);
    await pool.query(`ANALYZE "${table}"`);
    await fill(table, 100_000);

    expect((await explain(table)).ms).toBeLessThan(1500);
  });

  it('is claimed from as fast if they say that it is full, and it is not', { timeout: 60_000 }, async () => {
    const table = temporaryTable();
    await application({ table }).open().setup();
    await pool.query(`ALTER TABLE "${table}" SET (autovacuum_enabled = off)`);
    await fill(table, 100_000);
    await pool.query(`ANALYZE "${table}"`);
    await pool.query(`DELETE FROM "${table}" WHERE id % 1000 <> 0`);

    expect((await explain(table)).ms).toBeLessThan(1500);
  });
});
