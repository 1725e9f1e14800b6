import { type INestApplication, Injectable } from '@nestjs/common';
import {
  AsMessage,
  getTransportToken,
  MessageBus,
  MessageHandler,
  Messenger,
  type MessengerOptions,
  OutboxStamp,
  TransactionStamp,
} from 'nestjs-messenger';
import { FakeClock, InMemoryTransport, MESSENGER_CLOCK, processMessages } from 'nestjs-messenger/testing';
import { describe, expect, it, vi } from 'vitest';
import { Outboxes } from '../../lib/transport/outboxes.js';
import { RecordingTransport } from '../fixtures/recording-transport.js';
import { bootApp, bootError } from './support/application.js';

@AsMessage({ name: 'outbox-test.paid' })
class Paid {
  constructor(readonly id: number) {}
}

@Injectable()
class Orders {
  readonly handled: number[] = [];

  constructor(
    private readonly bus: MessageBus,
    private readonly messenger: Messenger,
  ) {}

  pay(id: number, tx: object): Promise<unknown> {
    return this.messenger.inTransaction(tx, () => this.bus.dispatch(new Paid(id)));
  }

  @MessageHandler(Paid)
  handle({ id }: Paid): void {
    this.handled.push(id);
  }
}

const MEMORY = 'in-memory://';
const OPTIONS: MessengerOptions = {
  transports: { async: { dsn: MEMORY, outbox: 'db' }, db: MEMORY },
  routing: [[Paid, 'async']],
};

const outboxOf = (app: INestApplication): InMemoryTransport =>
  app.get(Outboxes).of('async')?.queue as InMemoryTransport;

const withTransports = (transports: NonNullable<MessengerOptions['transports']>) =>
  ({ options: { transports } }) as const;

describe('the option "outbox" is refused at boot', () => {
  it.each([
    [
      { async: { dsn: MEMORY, outbox: 'bd' }, db: MEMORY },
      'Transport "async", "outbox": unknown transport "bd". Known transports: "async", "db".',
    ],
    [
      { async: { dsn: MEMORY, outbox: 'async' } },
      'Transport "async" cannot have its outbox in transport "async": that is the transport itself. Name the transport whose ' +
        'database the messages shall be stored in first, or leave "outbox" out: in a transaction, a transport that keeps its ' +
        'messages in a database stores them there by itself.',
    ],
    [
      { async: { dsn: MEMORY, outbox: 'db' }, db: { dsn: MEMORY, outbox: 'other' }, other: MEMORY },
      'Transport "async" cannot have its outbox in transport "db": that has an outbox itself, in "other". Name "other" here, or ' +
        'take the outbox of "db" away.',
    ],
    [
      { sync: { dsn: 'sync://', outbox: 'db' }, db: MEMORY },
      'Transport "sync" cannot have its outbox in transport "db": "sync://" handles its messages when they are sent, so there is ' +
        'nothing to forward. Leave "outbox" out.',
    ],
    [
      { async: { dsn: MEMORY, outbox: 'sync' }, sync: 'sync://' },
      'Transport "async" cannot have its outbox in transport "sync": "sync://" keeps no messages. Name one that keeps them in a ' +
        'database, "sqlite:" for instance.',
    ],
    [
      { async: { dsn: MEMORY, outbox: 'broker' }, broker: 'redis://localhost:1/stream' },
      'Transport "async" cannot have its outbox in transport "broker": it cannot keep an outbox. Name one that keeps its ' +
        'messages in a database, "sqlite:" for instance.',
    ],
    [
      {
        async: { dsn: MEMORY, outbox: 'db' },
        db: 'sqlite::memory:',
        rival: 'sqlite::memory:?queue_name=default.outbox.async',
      },
      'Transport "async" cannot have its outbox in transport "db": the messages of transport "rival" are in the same place. Give ' +
        '"rival" another queue.',
    ],
  ])('%j', async (transports, message) => {
    expect((await bootError(withTransports(transports))).message).toBe(message);
  });
});

describe('an application with an outbox', () => {
  it('stores messages in it, which a worker inside of it forwards and handles', async () => {
    const { app, bus } = await bootApp({
      providers: [Orders],
      options: { ...OPTIONS, workers: [{ receivers: ['async'] }] },
    });
    const { handled } = app.get(Orders);

    const envelope = await bus.dispatch(new Paid(1));

    expect(envelope.has(OutboxStamp)).toBe(true);
    await vi.waitFor(() => expect(handled).toEqual([1]), { timeout: 15_000 });
  });

  it('only stores them where no worker runs', async () => {
    const { app, bus } = await bootApp({ providers: [Orders], options: OPTIONS });
    await bus.dispatch(new Paid(1));
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(app.get<InMemoryTransport>(getTransportToken('async')).sent).toEqual([]);
    expect(outboxOf(app).sent).toHaveLength(1);
  });

  it('has a Messenger to inject', async () => {
    const { app } = await bootApp({ providers: [Orders], options: OPTIONS });
    const db = app.get<InMemoryTransport>(getTransportToken('db'));
    const sendIn = vi.spyOn(outboxOf(app), 'sendIn');
    const tx = { name: 'tx' };

    await app.get(Orders).pay(1, tx);

    expect(sendIn).toHaveBeenCalledExactlyOnceWith(tx, [expect.anything()]);
    expect(sendIn.mock.calls[0]?.[1][0]?.has(TransactionStamp)).toBe(false);
    expect(db.sent).toEqual([]);
  });

  it('can be tested in memory, the relay and delays included', async () => {
    const clock = new FakeClock();
    const { app } = await bootApp({
      providers: [Orders],
      options: OPTIONS,
      override: (builder) => builder.overrideProvider(MESSENGER_CLOCK).useValue(clock),
    });
    await app.get(Orders).pay(1, {});

    const result = await processMessages(app, 'async');

    expect(result).toEqual({ processed: 1, failed: 0 });
    expect(app.get(Orders).handled).toEqual([1]);
  });

  it('asks the transport that overrides the one of the configuration whether it can keep one', async () => {
    const error = await bootError({
      options: OPTIONS,
      override: (builder) =>
        builder.overrideProvider(getTransportToken('db')).useValue(new RecordingTransport()),
    });

    expect(error).toMatchObject({ code: 'MESSENGER_INVALID_OUTBOX' });
  });

  it('closes it with the transports', async () => {
    const { app } = await bootApp({ providers: [Orders], options: OPTIONS });
    const close = vi.spyOn(outboxOf(app), 'close');

    await app.close();

    expect(close).toHaveBeenCalledOnce();
  });
});
