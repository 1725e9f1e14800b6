import { Injectable, Module } from '@nestjs/common';
import {
  getTransportToken,
  type HandlerContext,
  MESSENGER_CLOCK,
  MessageBus,
  MessageHandler,
  MessengerModule,
  type MessengerOptions,
  type TransactionRunner,
} from 'nestjs-messenger';
import { FakeClock, InMemoryTransport, processMessages } from 'nestjs-messenger/testing';
import { describe, expect, it } from 'vitest';
import { bootApp, bootError } from './support/application.js';

class OrderPlaced {
  constructor(readonly orderId: number) {}
}

@MessageHandler(OrderPlaced, { idempotent: true })
class Book {
  readonly booked: number[] = [];
  readonly transactions: Array<object | undefined> = [];
  failures = 0;

  handle({ orderId }: OrderPlaced, { transaction }: HandlerContext): void {
    this.transactions.push(transaction);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('Not now.');
    }
    this.booked.push(orderId);
  }
}

const options: MessengerOptions = {
  transports: { async: { dsn: 'in-memory://', inbox: true } },
  routing: [[OrderPlaced, 'async']],
};

/** The order arrives twice. */
async function deliverTwice(bus: MessageBus, transport: InMemoryTransport): Promise<void> {
  const sent = await bus.dispatch(new OrderPlaced(7));
  await transport.send([sent]);
}

describe('an idempotent handler in an application', () => {
  it('handles once what arrives twice, retries included', async () => {
    const { app, bus } = await bootApp({
      providers: [Book],
      options,
      override: (builder) => builder.overrideProvider(MESSENGER_CLOCK).useValue(new FakeClock()),
    });
    const [async, book] = [app.get<InMemoryTransport>(getTransportToken('async')), app.get(Book)];
    book.failures = 1;
    await deliverTwice(bus, async);

    expect(await processMessages(app, 'async')).toEqual({ processed: 3, failed: 1 });

    expect(book.booked).toEqual([7]);
    expect(book.transactions).toEqual([{}, {}]);
    expect(async.queue).toEqual([]);
  });

  it('runs in the transactions of a provider of another module', async () => {
    const transaction = { name: 'tx' };

    @Injectable()
    class Transactions implements TransactionRunner {
      readonly ends: string[] = [];

      async run<T>(work: (given: object) => Promise<T>): Promise<T> {
        const result = await work(transaction);
        this.ends.push('commit');
        return result;
      }
    }
    @Module({ providers: [Transactions], exports: [Transactions] })
    class DatabaseModule {}

    const { app, bus } = await bootApp({
      imports: [DatabaseModule],
      providers: [Book],
      options: { ...options, transaction: Transactions },
    });
    await deliverTwice(bus, app.get(getTransportToken('async')));
    await processMessages(app, 'async');

    expect(app.get(Book).transactions).toEqual([transaction]);
    expect(app.get(Transactions).ends).toEqual(['commit', 'commit']);
  });

  it('may be registered without a decorator', async () => {
    class Plain {
      readonly transactions: unknown[] = [];

      handle(_: OrderPlaced, { transaction }: HandlerContext): void {
        this.transactions.push(transaction);
      }
    }
    const { app, bus } = await bootApp({
      imports: [MessengerModule.forFeature([{ handles: OrderPlaced, provider: Plain, idempotent: true }])],
      providers: [Plain],
      options,
    });
    await deliverTwice(bus, app.get(getTransportToken('async')));
    await processMessages(app, 'async');

    expect(app.get(Plain).transactions).toEqual([{}]);
  });

  it('has its inbox in the transport that is named', async () => {
    const { app, bus } = await bootApp({
      providers: [Book],
      options: {
        ...options,
        transports: { async: { dsn: 'in-memory://', inbox: 'db' }, db: 'in-memory://' },
      },
    });
    await deliverTwice(bus, app.get(getTransportToken('async')));
    await processMessages(app, 'async');
    expect(app.get(Book).booked).toEqual([7]);

    app.get<InMemoryTransport>(getTransportToken('db')).reset();
    await deliverTwice(bus, app.get(getTransportToken('async')));
    await processMessages(app, 'async');

    expect(app.get(Book).booked).toEqual([7, 7]);
  });
});

describe('an application that does not boot', () => {
  const dsn = 'in-memory://';

  it.each<[string, MessengerOptions, string]>([
    [
      'has an idempotent handler and no inbox',
      { transports: { async: dsn, redis: 'redis://localhost', failed: dsn } },
      'Handler "Book.handle": option "idempotent" needs an inbox, and no transport has one. Set "inbox" to the name of one ' +
        'that can keep it: "async", "failed".',
    ],
    [
      'has an idempotent handler and no transport that can keep an inbox',
      { transports: { redis: 'redis://localhost' } },
      'Handler "Book.handle": option "idempotent" needs an inbox, and no transport has one. No transport of this application ' +
        'can keep one: add one on the database of the handler, { db: "sqlite:var/app.db" } for instance, and set ' +
        '"inbox: \'db\'" on the transport the messages come from.',
    ],
    [
      'wants an inbox in a transport that keeps none',
      { transports: { redis: { dsn: 'redis://localhost', inbox: true }, db: dsn } },
      'Transport "redis": option "inbox" names transport "redis", which keeps no inbox. Name one that does: "db".',
    ],
    [
      'wants an inbox, and no transport keeps one',
      { transports: { redis: { dsn: 'redis://localhost', inbox: true } } },
      'Transport "redis": option "inbox" names transport "redis", which keeps no inbox. No transport of this application does: ' +
        'add one on the database of the handlers, { db: "sqlite:var/app.db" } for instance, and name it.',
    ],
    [
      'wants an inbox in a transport that does not exist',
      { transports: { async: { dsn, inbox: 'bd' }, db: dsn } },
      'Transport "async", "inbox"',
    ],
    [
      'wants an inbox that is no name',
      { transports: { async: { dsn, inbox: 7 as never } } },
      'Transport "async": option "inbox" must be true, false or the name of a transport, got a value of type "number".',
    ],
    [
      'has transactions that are none',
      { ...options, transaction: { transaction: () => undefined } as never },
      'MessengerModule: option "transaction" must have a method "run", which "Object" has not.',
    ],
    [
      'has a retention that is none',
      { ...options, inboxRetention: 0 },
      'MessengerModule: option "inboxRetention" must be a number from 1 up, got 0.',
    ],
  ])('%s', async (_, wrong, text) => {
    expect((await bootError({ providers: [Book], options: wrong })).message).toContain(text);
  });

  it('has a batch handler that is idempotent', async () => {
    @MessageHandler(OrderPlaced, { idempotent: true, batch: { size: 10 } })
    class BookAll {
      handle(): void {}
    }

    expect((await bootError({ providers: [BookAll], options })).message).toBe(
      'Handler "BookAll.handle": option "idempotent" cannot be combined with "batch": the messages of a batch fail one by one, ' +
        'and a transaction is rolled back as a whole. Take one of the two away.',
    );
  });

  it('has a handler that is half idempotent', async () => {
    @MessageHandler(OrderPlaced, { idempotent: 'yes' as never })
    class Vague {
      handle(): void {}
    }

    expect((await bootError({ providers: [Vague], options })).message).toBe(
      'Handler "Vague.handle": option "idempotent" must be true or false, got "yes".',
    );
  });
});
