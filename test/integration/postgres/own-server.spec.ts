import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import { eventually } from '../redis/support/eventually.js';
import { perFile } from '../redis/support/lifetime.js';
import { application, errorFrom, note, textsOf } from './setup.js';
import { PostgresInstance } from './support/postgres-instance.js';
import { uniqueName } from './support/shared-postgres.js';

const server = perFile(async (lifetime) => {
  const instance = await PostgresInstance.start({ settings: { max_connections: 12 } });
  lifetime(() => instance.remove());
  return instance;
});

function app() {
  return application({ table: uniqueName('own'), dsnOf: (query) => server().dsn(query) });
}

/** Fetches again when a fetch fails, as a worker does. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  return eventually('it worked', () => work().then((value) => ({ value })), 30_000).then(
    ({ value }) => value,
  );
}

describe('a PostgreSQL server as it is by default', { timeout: 60_000 }, () => {
  it('vacuums, which the diagnosis sees before and after the table is made', async () => {
    const transport = app().open();
    const codes = async () => (await transport.diagnose()).map(({ code }) => code);

    expect(await codes()).not.toContain('postgres.autovacuum');
    await transport.setup();
    expect(await codes()).not.toContain('postgres.autovacuum');
  });
});

describe('a PostgreSQL server that is restarted', { timeout: 60_000 }, () => {
  it('while a receiver waits: it goes on, and hears again', async () => {
    const { open } = app();
    const transport = open({ pollInterval: 60_000, checkDelayedInterval: 60_000 });
    await transport.setup();
    const received = persistently(() => transport.get({ wait: 40_000 }));

    await server().restart();
    await persistently(() => open({ queueName: 'other' }).send([]));
    await persistently(() => transport.send([note('a')]));

    expect(textsOf(await received)).toEqual(['a']);
  });

  it('under load: nothing that was confirmed is lost, and nothing is handled without an end', async () => {
    const { open } = app();
    const transport = open();
    await transport.setup();
    const confirmed: string[] = [];
    const handled: string[] = [];
    const errors: Error[] = [];
    let isOver = false;
    const producer = (async () => {
      for (let number = 0; number < 400 || !isOver; number++) {
        const text = `${number}`;
        const error = await errorFrom(transport.send([note(text)]));
        if (error.message === 'It resolves.') {
          confirmed.push(text);
        } else {
          errors.push(error);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    })();
    const consumer = (async () => {
      while (!isOver || handled.length === 0) {
        const received = await transport.get({ max: 50, wait: 100 }).catch(() => []);
        handled.push(...textsOf(received));
        await transport.ack(received).catch(() => undefined);
      }
    })();
    await eventually('some were handled', () => handled.length > 50);
    await server().stop('SIGQUIT');
    await server().restart();
    const before = handled.length;
    await eventually('more were handled', () => handled.length > before + 50, 30_000);
    isOver = true;
    await Promise.all([producer, consumer]);

    await eventually('the rest was handled', async () => {
      const received = await transport.get({ max: 500 });
      handled.push(...textsOf(received));
      await transport.ack(received);
      return confirmed.every((text) => handled.includes(text));
    });
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.filter((error) => error instanceof MaybeSentError).length).toBeLessThanOrEqual(2);
    expect(errors.map(({ message }) => message).join('\n')).toMatch(
      /does not answer|is not ready|was lost before/,
    );
  });
});

describe('a PostgreSQL server that refuses', { timeout: 60_000 }, () => {
  it('writes, as a standby does, is named', async () => {
    const { open } = app();
    const transport = open({ poolSize: 1 });
    await transport.send([note('a')]);
    await server().query('ALTER SYSTEM SET default_transaction_read_only = on');
    await server().query('SELECT pg_reload_conf()');
    onTestFinished(async () => {
      await server().query('ALTER SYSTEM RESET default_transaction_read_only');
      await server().query('SELECT pg_reload_conf()');
    });

    const error = await eventually('it was refused', async () => {
      const thrown = await errorFrom(transport.send([note('b')]));
      return thrown.message === 'It resolves.' ? undefined : thrown;
    });

    expect(error.message).toMatch(
      /^Transport "async": PostgreSQL at 127\.0\.0\.1:\d+\/postgres is a standby or read-only\. Name the primary in the DSN\.$/,
    );
    expect(error).not.toBeInstanceOf(MaybeSentError);
  });

  it('another connection says what to do, and is used when there is one again', async () => {
    const { open } = app();
    const transport = open({ useNotify: false });
    const taken: Client[] = [];
    const take = async (): Promise<void> => {
      const client = new Client({ connectionString: server().dsn() });
      client.on('error', () => undefined);
      await client.connect();
      taken.push(client);
    };
    await eventually('all were taken', () =>
      take().then(
        () => undefined,
        () => true,
      ),
    );

    const error = await errorFrom(transport.send([note('a')]));
    await Promise.all(taken.map((client) => client.end()));

    expect(error.message).toMatch(
      /has no connection left\. Lower "pool_size", or raise its "max_connections"\.$|does not let this user in/,
    );
    await persistently(() => transport.send([note('b')]));
    expect(textsOf(await transport.get({ max: 9 }))).toEqual(['b']);
  });
});
