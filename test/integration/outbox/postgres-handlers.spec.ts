import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import {
  type HandlerContext,
  MessageBus,
  MessageHandler,
  type MessengerOptions,
  TransactionStamp,
  WorkerFactory,
} from 'nestjs-messenger';
import { DataSource } from 'typeorm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bootApp } from '../../nest/support/application.js';
import { postgresDsn, sharedPostgresUrl, uniqueName } from '../postgres/support/shared-postgres.js';
import { redisUrl, uniqueStream } from '../redis/support/shared-redis.js';
import { openClient, postgresTable } from './places.js';

/** What the handler of an order does after it has dispatched something. */
type Outcome = 'commits' | 'fails once' | 'fails';

class Order {
  constructor(
    readonly id: number,
    readonly outcome: Outcome,
  ) {}
}

/** Goes to a queue of the same database. */
class Stored {
  constructor(readonly id: number) {}
}

/** Goes to Redis, which has an outbox in the database. */
class Forwarded {
  constructor(readonly id: number) {}
}

/** Goes to Redis, which has none for it. */
class Plain {
  constructor(readonly id: number) {}
}

/** What clients of pg and entity managers have in common. */
interface Querying {
  query(sql: string): Promise<unknown>;
}

/** Waits until this many are in their transactions at the same time. */
class Gathering {
  readonly #open: Promise<void>;
  #release: () => void = () => undefined;
  #left: number;

  constructor(count: number) {
    this.#left = count;
    this.#open = new Promise((resolve) => (this.#release = resolve));
  }

  arrive(): Promise<void> {
    this.#left -= 1;
    if (this.#left <= 0) {
      this.#release();
    }
    return this.#open;
  }
}

@Injectable()
class Handlers {
  readonly received: string[] = [];
  readonly failing = new Set<number>();
  gathering = new Gathering(0);

  constructor(private readonly bus: MessageBus) {}

  @MessageHandler(Order, { idempotent: true })
  async order({ id, outcome }: Order, context: HandlerContext<Querying>): Promise<void> {
    await this.gathering.arrive();
    await context.transaction.query(`INSERT INTO "${orders}" VALUES (${id})`);
    await this.bus.dispatch(new Stored(id));
    await this.bus.dispatch(new Forwarded(id), [new TransactionStamp(context.transaction)]);
    if (outcome === 'fails' || (outcome === 'fails once' && !this.failing.has(id))) {
      this.failing.add(id);
      throw new RangeError('no');
    }
  }

  @MessageHandler(Plain, { idempotent: true })
  async plain({ id }: Plain): Promise<void> {
    await this.bus.dispatch(new Stored(id));
    await this.bus.dispatch(new Plain(id + 1));
  }

  @MessageHandler(Stored)
  stored({ id }: Stored): void {
    this.received.push(`stored ${id}`);
  }

  @MessageHandler(Forwarded)
  forwarded({ id }: Forwarded): void {
    this.received.push(`forwarded ${id}`);
  }
}

const table = postgresTable();
const orders = uniqueName('orders');

async function boot(transaction?: MessengerOptions['transaction']) {
  const queue = uniqueName('q');
  const dsn = (suffix: string): string =>
    postgresDsn({ table_name: table, queue_name: `${queue}${suffix}`, pool_size: '2', connect_timeout: '5' });
  const retry = { maxRetries: 1, delay: 1, jitter: 0 };
  const { app, bus, logger } = await bootApp({
    providers: [Handlers],
    options: {
      transports: {
        db: { dsn: dsn(''), inbox: true, retry },
        other: dsn('_other'),
        failed: dsn('_failed'),
        async: { dsn: redisUrl(uniqueStream()), outbox: 'db' },
        plain: { dsn: redisUrl(uniqueStream()), inbox: 'db', retry: { maxRetries: 0 } },
      },
      failureTransport: 'failed',
      routing: [
        [Order, 'db'],
        [Stored, 'other'],
        [Forwarded, 'async'],
        [Plain, 'plain'],
      ],
      ...(transaction === undefined ? {} : { transaction }),
    },
  });
  const client = await openClient();
  await client.query(`CREATE TABLE IF NOT EXISTS "${orders}" (id integer PRIMARY KEY)`);
  onTestFinished(async () => void (await client.query(`DROP TABLE IF EXISTS "${orders}"`)));
  const handlers = app.get(Handlers);
  return {
    bus,
    logger,
    handlers,
    placed: async (): Promise<readonly number[]> =>
      (await client.query<{ id: number }>(`SELECT id FROM "${orders}" ORDER BY id`)).rows.map(({ id }) => id),
    /** A worker, until the end of the test. */
    work: (concurrency: number): void => {
      const worker = app.get(WorkerFactory).create(['db', 'other', 'async', 'plain'], { concurrency });
      const done = worker.run();
      onTestFinished(async () => {
        worker.stop('the test is over');
        await done;
      });
    },
  };
}

async function typeOrm(): Promise<MessengerOptions['transaction']> {
  const source = await new DataSource({ type: 'postgres', url: sharedPostgresUrl().href }).initialize();
  onTestFinished(() => source.destroy());
  return { run: (work) => source.transaction(work) };
}

describe.each([
  ['the inbox', () => Promise.resolve(undefined)],
  ['TypeORM', typeOrm],
])('an idempotent handler on PostgreSQL, in a transaction of %s', (_, open) => {
  it('sends what it dispatches if it commits, and nothing if it does not', async () => {
    const { bus, handlers, placed, work, logger } = await boot(await open());
    await bus.dispatchAll([new Order(1, 'commits'), new Order(2, 'fails once'), new Order(3, 'fails')]);
    await bus.dispatch(new Order(4, 'commits'));

    work(1);

    const expected = [1, 2, 4].flatMap((id) => [`forwarded ${id}`, `stored ${id}`]).toSorted();
    await expect.poll(() => handlers.received.toSorted(), { timeout: 20_000 }).toEqual(expected);
    expect(await placed()).toEqual([1, 2, 4]);
    await expect.poll(() => logger.texts('error').join(), { timeout: 15_000 }).toContain('no');
    expect(handlers.received.toSorted()).toEqual(expected);
  });

  it('is refused what goes to a transport that can take no part, and nothing of it is sent', async () => {
    const { bus, handlers, work, logger } = await boot(await open());
    await bus.dispatch(new Plain(7));

    work(1);

    await expect
      .poll(() => logger.texts('error').join(), { timeout: 20_000 })
      .toContain(
        'Message "Plain" is dispatched in a transaction, but transport "plain" cannot store messages in one, and has no outbox. ' +
          'Those that can: "db", "other", "failed", "async".',
      );
    await bus.dispatch(new Stored(8));
    await expect.poll(() => handlers.received, { timeout: 15_000 }).toEqual(['stored 8']);
  });

  it('does not wait for connections that others of its kind have', async () => {
    const { bus, handlers, placed, work } = await boot(await open());
    const ids = [1, 2, 3, 4, 5, 6, 7, 8];
    await bus.dispatchAll(ids.map((id) => new Order(id, 'commits')));
    // As many as the pool has, none of which has sent anything yet.
    handlers.gathering = new Gathering(2);

    work(8);

    await expect.poll(() => handlers.received.length, { timeout: 20_000 }).toBe(16);
    expect(await placed()).toEqual(ids);
  });
});
