import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import {
  getTransportToken,
  type HandlerContext,
  MessageHandler,
  type MessengerOptions,
  type Transport,
  WorkerFactory,
} from 'nestjs-messenger';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadSqliteDriver, type SqliteDatabase } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { bootApp } from '../../nest/support/application.js';
import { temporaryFile, withDatabase } from './setup.js';

class Deposit {
  constructor(
    readonly number: number,
    readonly amount: number,
  ) {}
}

@Injectable()
class Accounts {
  readonly failing = new Set<number>();
  #inTransaction = 0;
  mostAtOnce = 0;

  @MessageHandler(Deposit, { idempotent: true })
  async deposit({ number, amount }: Deposit, { transaction }: HandlerContext<SqliteDatabase>): Promise<void> {
    this.#inTransaction += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#inTransaction);
    transaction.prepare('UPDATE balance SET amount = amount + ?').run(amount);
    await new Promise((resolve) => setImmediate(resolve));
    this.#inTransaction -= 1;
    if (this.failing.delete(number)) {
      throw new Error('The deposit fails the first time.');
    }
  }
}

function options(file: string, own: boolean): MessengerOptions {
  const handle = own ? undefined : applicationHandle(file);
  return {
    transports: {
      async: {
        dsn: `sqlite:${file}?redeliver_timeout=60`,
        inbox: true,
        retry: { maxRetries: 1, delay: 1, jitter: 0 },
      },
    },
    routing: [[Deposit, 'async']],
    ...(handle === undefined ? {} : { transaction: { run: (work) => inTransaction(handle, work) } }),
  };
}

function applicationHandle(file: string): SqliteDatabase {
  const handle = loadSqliteDriver('test').open(file);
  onTestFinished(() => void handle.close());
  return handle;
}

async function inTransaction<T>(
  handle: SqliteDatabase,
  work: (transaction: object) => Promise<T>,
): Promise<T> {
  handle.exec('BEGIN IMMEDIATE');
  try {
    const result = await work(handle);
    handle.exec('COMMIT');
    return result;
  } catch (error) {
    handle.exec('ROLLBACK');
    throw error;
  }
}

function balanceIn(file: string): unknown {
  return withDatabase(file, (database) => database.prepare('SELECT amount FROM balance').get());
}

describe.each([
  ['of the application', false],
  ['of the inbox', true],
])('a worker on SQLite whose handlers run in transactions %s', (_, own) => {
  it('makes every deposit once: deliveries are doubled, handlers fail, several run at the same time', async () => {
    const file = temporaryFile();
    withDatabase(file, (database) =>
      database.exec('CREATE TABLE balance (amount INTEGER); INSERT INTO balance VALUES (0)'),
    );
    const { app, bus, logger } = await bootApp({ providers: [Accounts], options: options(file, own) });
    const accounts = app.get(Accounts);
    const numbers = Array.from({ length: 60 }, (__, index) => index + 1);
    numbers.filter((number) => number % 5 === 0).forEach((number) => accounts.failing.add(number));
    const sent = await bus.dispatchAll(numbers.map((number) => new Deposit(number, number)));
    await app.get<Transport>(getTransportToken('async')).send(sent);

    const worker = app.get(WorkerFactory).create(['async'], { concurrency: 8 });
    const done = worker.run();
    const isEmpty = () =>
      withDatabase(file, (database) =>
        database.prepare('SELECT count(*) AS left FROM messenger_messages').get(),
      );
    await expect.poll(isEmpty, { timeout: 15_000 }).toMatchObject({ left: 0 });
    worker.stop('the test is over');
    const { failed } = await done;

    expect(balanceIn(file)).toMatchObject({ amount: (60 * 61) / 2 });
    expect(failed).toBe(12);
    expect(accounts.mostAtOnce).toBe(1);
    expect(logger.texts('error')).toEqual([]);
  });
});
