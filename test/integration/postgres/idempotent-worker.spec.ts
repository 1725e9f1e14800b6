import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import {
  getTransportToken,
  type HandlerContext,
  MessageBus,
  type MessageCountAware,
  MessageHandler,
  type MessengerOptions,
  type Transport,
  WorkerFactory,
} from 'nestjs-messenger';
import { Pool, type PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bootApp } from '../../nest/support/application.js';
import {
  dropTable,
  openPool,
  postgresDsn,
  sharedPostgresUrl,
  uniqueName,
} from './support/shared-postgres.js';

const MESSAGES = 60;

class Deposit {
  constructor(
    readonly number: number,
    readonly account: string,
  ) {}
}

/** Is sent by the handler, while its transaction is open. */
class Receipt {
  constructor(readonly number: number) {}
}

@Injectable()
class Accounts {
  readonly failing = new Set<number>();
  readonly #bus: MessageBus;
  #inTransaction = 0;
  mostAtOnce = 0;

  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  @MessageHandler(Deposit, { idempotent: true })
  async deposit(deposit: Deposit, { transaction }: HandlerContext<PoolClient>): Promise<void> {
    const { number, account } = deposit;
    this.#inTransaction += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#inTransaction);
    await transaction.query(`INSERT INTO ${account} VALUES ($1)`, [number]);
    await this.#bus.dispatch(new Receipt(number));
    this.#inTransaction -= 1;
    if (this.failing.delete(number)) {
      throw new Error('The deposit fails the first time.');
    }
  }

  @MessageHandler(Receipt)
  receipt(): void {}
}

describe.each([
  ['of the application', false],
  ['of the inbox', true],
])('a worker on PostgreSQL whose handlers run in transactions %s', (_, own) => {
  const [table, account] = [uniqueName('idempotent'), uniqueName('account')];
  let pool: Pool;

  beforeAll(async () => {
    pool = openPool();
    await pool.query(`CREATE TABLE ${account} (number INTEGER)`);
  });

  afterAll(async () => {
    await pool.query(`DROP TABLE ${account}`);
    await dropTable(pool, table);
    await pool.end();
  });

  function options(): MessengerOptions {
    const dsn = postgresDsn({ table_name: table, pool_size: '2', connect_timeout: '5' });
    return {
      transports: {
        async: { dsn, inbox: true, retry: { maxRetries: 1, delay: 1, jitter: 0 } },
        receipts: `${dsn}&queue_name=receipts`,
      },
      routing: [
        [Deposit, 'async'],
        [Receipt, 'receipts'],
      ],
      ...(own ? {} : { transaction: { run: (work) => inTransaction(applicationPool(), work) } }),
    };
  }

  let ownPool: Pool | undefined;
  function applicationPool(): Pool {
    ownPool ??= new Pool({ connectionString: sharedPostgresUrl().href, max: 3 });
    return ownPool;
  }

  it('makes every deposit once: each is delivered twice, to two that run at the same time, and some fail', async () => {
    const { app, bus, logger } = await bootApp({ providers: [Accounts], options: options() });
    onTestFinished(() => ownPool?.end());
    const accounts = app.get(Accounts);
    const numbers = Array.from({ length: MESSAGES }, (__, index) => index + 1);
    numbers.filter((number) => number % 5 === 0).forEach((number) => accounts.failing.add(number));
    const transport = app.get<Transport & MessageCountAware>(getTransportToken('async'));
    for (const number of numbers) {
      // One beside the other, so that both are in hand at the same time.
      await transport.send([await bus.dispatch(new Deposit(number, account))]);
    }

    const worker = app.get(WorkerFactory).create(['async'], { concurrency: 8 });
    const done = worker.run();
    await expect
      .poll(() => transport.messageCount(), { timeout: 30_000 })
      .toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    worker.stop('the test is over');
    const { failed } = await done;

    const { rows } = await pool.query<{ number: number }>(`SELECT number FROM ${account} ORDER BY number`);
    expect(rows.map(({ number }) => number)).toEqual(numbers);
    expect(failed).toBe(MESSAGES / 5);
    expect(accounts.mostAtOnce).toBeGreaterThan(1);
    expect(logger.texts('error')).toEqual([]);
  });
});

async function inTransaction<T>(pool: Pool, work: (transaction: object) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
