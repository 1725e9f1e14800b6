import { Pool } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { eventually } from '../redis/support/eventually.js';
import { application, note, textsOf } from './setup.js';
import { openPool, sharedPostgresUrl } from './support/shared-postgres.js';

const FAR = { pollInterval: 60_000, checkDelayedInterval: 60_000 };

/** Whether a process listens, beyond proving that it hears. */
async function listens(name: string): Promise<boolean> {
  const pool = openPool();
  const { rows } = await pool.query(
    "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'LISTEN%'",
    [name],
  );
  await pool.end();
  return rows.length > 0;
}

describe('a receiver that waits on PostgreSQL', () => {
  it('is woken by a message that another process sends', async () => {
    const receiving = application();
    const receiver = receiving.open(FAR);
    const sender = application({ table: receiving.table }).open();
    await receiver.setup();

    const received = receiver.get({ wait: 50_000 });
    await eventually('it listens', () => listens(receiving.name));
    await sender.send([note('a')]);

    expect(textsOf(await received)).toEqual(['a']);
  });

  it('is woken when a delayed message of another process is due', async () => {
    const receiving = application();
    const receiver = receiving.open(FAR);
    const sender = application({ table: receiving.table }).open();
    await receiver.setup();

    const received = receiver.get({ wait: 50_000 });
    await eventually('it listens', () => listens(receiving.name));
    const sentAt = performance.now();
    await sender.send([note('a', new DelayStamp(400))]);

    expect(textsOf(await received)).toEqual(['a']);
    expect(performance.now() - sentAt).toBeGreaterThan(395);
  });

  it('hears of a message that a transaction of the application has stored, when it commits', async () => {
    const receiving = application();
    const receiver = receiving.open(FAR);
    await receiver.setup();
    const received = receiver.get({ wait: 50_000 });
    await eventually('it listens', () => listens(receiving.name));
    const pool = openPool();
    onTestFinished(() => pool.end());

    // As another library would do it, by the same channel.
    await pool.query(
      `INSERT INTO "${receiving.table}" (queue_name, body, headers, created_at, available_at)
       VALUES ('default', '{"text":"a"}', '{"type":"Note"}', 0, 0)`,
    );
    await pool.query(
      `SELECT pg_notify('nestjs_messenger.public.${receiving.table}', '["","due","default",0]')`,
    );

    expect(await received).toHaveLength(1);
  });

  it('hears of signals, from its own process and from others', async () => {
    const receiving = application();
    const receiver = receiving.open(FAR);
    const other = application({ table: receiving.table }).open();
    await receiver.setup();
    const stop = new AbortController();
    const waiting = receiver.get({ wait: 50_000, signal: stop.signal });
    await eventually('it listens', () => listens(receiving.name));
    expect(await receiver.readSignal('stop')).toBeUndefined();
    let heard = 0;
    const forget = receiver.onSignal?.(() => (heard += 1));

    await other.writeSignal('stop');
    await eventually('it heard', () => heard > 0);
    expect(await receiver.readSignal('stop')).toBeTypeOf('number');
    const before = heard;
    await receiver.writeSignal('go');
    expect(heard).toBeGreaterThan(before);
    expect(await receiver.readSignal('go')).toBeTypeOf('number');
    forget?.();
    const after = heard;
    await receiver.writeSignal('go');
    expect(heard).toBe(after);

    stop.abort();
    expect(await waiting).toEqual([]);
  });
});

describe('a process at rest on PostgreSQL', () => {
  it.each([{ useNotify: true }, { useNotify: false }])(
    'sends one statement a second at most for three queues of a table, with %j',
    { timeout: 60_000 },
    async (options) => {
      const pool = new Pool({ connectionString: sharedPostgresUrl().href, max: 4 });
      onTestFinished(() => pool.end());
      let statements = 0;
      pool.on('connect', (client) => {
        const query = client.query.bind(client) as (...args: unknown[]) => unknown;
        client.query = ((...args: unknown[]) => {
          statements += 1;
          return query(...args);
        }) as typeof client.query;
      });
      const app = application({ connection: pool });
      const transports = ['a', 'b', 'c'].map((queueName) => app.open({ ...options, queueName }));
      for (const transport of transports) {
        await transport.setup();
      }
      // As three feeds of a worker do, and its housekeeping.
      const stop = new AbortController();
      const feeds = transports.map(async (transport) => {
        while (!stop.signal.aborted) {
          await transport.get({ wait: 1500, signal: stop.signal });
        }
      });
      const housekeeping = setInterval(() => {
        transports.forEach((transport) => void transport.readSignal('stop-workers'));
      }, 100);
      await eventually('it began', () => statements > 8);
      await new Promise((resolve) => setTimeout(resolve, 2000));

      const before = statements;
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      const used = statements - before;
      clearInterval(housekeeping);
      stop.abort();
      await Promise.all(feeds);

      expect(used).toBeGreaterThan(0);
      expect(used).toBeLessThanOrEqual(11);
    },
  );
});
