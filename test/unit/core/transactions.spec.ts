import { describe, expect, it } from 'vitest';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { DelayedMessageHandlingError } from '../../../lib/errors/delayed-message-handling.error.js';
import { InvalidStampError } from '../../../lib/errors/invalid-stamp.error.js';
import { NotTransactionalError } from '../../../lib/errors/not-transactional.error.js';
import { TransactionEndedError } from '../../../lib/errors/transaction-ended.error.js';
import { DispatchAfterCurrentBusStamp } from '../../../lib/stamp/dispatch-after-current-bus.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { SentStamp } from '../../../lib/stamp/sent.stamp.js';
import { TransactionStamp } from '../../../lib/stamp/transaction.stamp.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { SyncTransport } from '../../../lib/transports/sync/sync.transport.js';
import { type CoreSetup, createCore, deferred, handler, rejectionOf } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';
import { FakeTransaction, TransactionalTransport } from '../../fixtures/transactional-transport.js';

class Paid {
  constructor(readonly id: number) {}
}
class Local {}
class Root {}

function setup(more: Partial<CoreSetup> = {}, delay?: () => Promise<void>) {
  const db = new TransactionalTransport(undefined, delay);
  const plain = new RecordingTransport();
  const core: ReturnType<typeof createCore> = createCore({
    routes: [[Paid, 'db']],
    handlers: [handler('L', Local, () => 'local'), handler('R', Root, () => core.bus.dispatch(new Paid(9)))],
    transports: { db, plain, sync: new SyncTransport('sync', () => core.bus) },
    ...more,
  });
  return { ...core, db, plain, tx: new FakeTransaction() };
}

const idsIn = ({ stored }: FakeTransaction): readonly number[] =>
  stored.map(({ message }) => (message as Paid).id);

describe('a message with a TransactionStamp', () => {
  it('is stored in that transaction, and the envelope that is returned has the stamp no more', async () => {
    const { bus, db, tx } = setup();

    const envelope = await bus.dispatch(new Paid(1), [new TransactionStamp(tx)]);

    expect(idsIn(tx)).toEqual([1]);
    expect(db.calls).toEqual([]);
    expect(tx.stored[0]?.has(TransactionStamp)).toBe(false);
    expect(tx.stored[0]?.has(MessageIdStamp)).toBe(true);
    expect(envelope.has(TransactionStamp)).toBe(false);
    expect(envelope.last(SentStamp)?.transportName).toBe('db');
  });

  it('is refused by a transport that knows no transactions, before any transport has it', async () => {
    const { bus, db, plain, tx } = setup();
    const stamps: Stamp[] = [new TransactionStamp(tx), new TransportNamesStamp(['db', 'plain'])];

    const error = await rejectionOf(bus.dispatch(new Paid(1), stamps));

    expect(error).toBeInstanceOf(NotTransactionalError);
    expect(error.message).toBe(
      'Message "Paid" is dispatched in a transaction, but transport "plain" cannot store messages in one, and has no outbox. ' +
        'Those that can: "db", "sync". Set the option "outbox" of "plain" to a transport that keeps its messages in the database ' +
        'of the transaction, or dispatch the message after the transaction has committed. Nothing was sent.',
    );
    expect(idsIn(tx)).toEqual([]);
    expect([...db.calls, ...plain.calls]).toEqual([]);
  });

  it('cannot be stamped with what is no transaction', () => {
    expect(() => new TransactionStamp(undefined as unknown as object)).toThrow(InvalidStampError);
    expect(() => new TransactionStamp('tx' as unknown as object)).toThrow(
      'Invalid "TransactionStamp": a transaction is what the driver or the ORM hands out inside of one, got string.',
    );
  });
});

describe('in a transaction', () => {
  it('every dispatch of the work is stored there, and what is dispatched before and after is not', async () => {
    const { bus, messenger, db, tx } = setup();

    await bus.dispatch(new Paid(1));
    const result = await messenger.inTransaction(tx, async () => {
      await bus.dispatch(new Paid(2));
      await Promise.all([bus.dispatch(new Paid(3)), bus.dispatch(new Root())]);
      return 'done';
    });
    await bus.dispatch(new Paid(4));

    expect(result).toBe('done');
    expect(new Set(idsIn(tx))).toEqual(new Set([2, 3, 9]));
    expect(db.sent.map(({ message }) => (message as Paid).id)).toEqual([1, 4]);
  });

  it('a stamp on the message wins', async () => {
    const { bus, messenger, tx } = setup();
    const other = new FakeTransaction();

    await messenger.inTransaction(tx, () => bus.dispatch(new Paid(1), [new TransactionStamp(other)]));

    expect([idsIn(tx), idsIn(other)]).toEqual([[], [1]]);
  });

  it('the inner of two counts, and the outer one goes on afterwards', async () => {
    const { bus, messenger, tx } = setup();
    const inner = new FakeTransaction();

    await messenger.inTransaction(tx, async () => {
      await messenger.inTransaction(inner, () => bus.dispatch(new Paid(1)));
      await bus.dispatch(new Paid(2));
    });

    expect([idsIn(tx), idsIn(inner)]).toEqual([[2], [1]]);
  });

  it('two at the same time do not mix', async () => {
    const { bus, messenger } = setup();
    const transactions = Array.from({ length: 10 }, (_, i) => new FakeTransaction(String(i)));

    await Promise.all(
      transactions.map((tx, i) =>
        messenger.inTransaction(tx, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          await bus.dispatchAll([new Paid(i), new Paid(i)]);
        }),
      ),
    );

    expect(transactions.map(idsIn)).toEqual(transactions.map((_, i) => [i, i]));
  });

  it('what the work leaves running and dispatches later is refused, and not sent at all', async () => {
    const { bus, messenger, db, tx } = setup();
    const ended = deferred();
    let late: Promise<unknown> = Promise.resolve();

    await messenger.inTransaction(tx, () => {
      late = ended.promise.then(() => bus.dispatch(new Paid(1)));
    });
    ended.resolve();
    const error = await rejectionOf(late);

    expect(error).toBeInstanceOf(TransactionEndedError);
    expect(error.message).toMatch(/^Message "Paid" was to be sent in a transaction that has ended: /);
    expect([...idsIn(tx), ...db.calls]).toEqual([]);
  });

  it('such work may still have messages handled, which belong to no transaction', async () => {
    const { bus, messenger, tx } = setup();
    const ended = deferred();
    let late: Promise<{ has(type: typeof HandledStamp): boolean }> | undefined;

    await messenger.inTransaction(tx, () => {
      late = ended.promise.then(() => bus.dispatch(new Local()));
    });
    ended.resolve();

    expect((await late)?.has(HandledStamp)).toBe(true);
  });

  it('ends only when what it began to send is stored, awaited or not, also if it fails', async () => {
    const stored = deferred();
    const { bus, messenger, tx } = setup({}, () => stored.promise);
    let isOver = false;

    const work = messenger.inTransaction(tx, () => {
      void bus.dispatch(new Paid(1));
      throw new RangeError('no');
    });
    void work.catch(() => (isOver = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    stored.resolve();

    expect((await rejectionOf(work)).message).toBe('no');
    expect(idsIn(tx)).toEqual([1]);
  });

  it('a message without a route is handled at once, and so is one for a transport that handles at once', async () => {
    const { bus, messenger, tx } = setup();

    const [local, sync] = await messenger.inTransaction(tx, () =>
      Promise.all([bus.dispatch(new Local()), bus.dispatch(new Root(), [new TransportNamesStamp('sync')])]),
    );

    expect(local.last(HandledStamp)?.result).toBe('local');
    expect(sync.has(HandledStamp)).toBe(true);
    expect(idsIn(tx)).toEqual([9]);
  });

  it('must be one', async () => {
    const { messenger } = setup();

    const error = await rejectionOf(messenger.inTransaction(null as unknown as object, () => undefined));

    expect(error.message).toBe(
      'Invalid "TransactionStamp": a transaction is what the driver or the ORM hands out inside of one, got null.',
    );
  });
});

describe('dispatchAll in a transaction', () => {
  it('makes one call for the messages of each transaction, one after the other', async () => {
    const { bus, messenger, tx } = setup();
    const other = new FakeTransaction();

    await messenger.inTransaction(tx, () => bus.dispatchAll([new Paid(1), new Paid(2)]));
    await bus.dispatchAll([new Paid(3), new Paid(4)], [new TransactionStamp(other)]);

    expect([idsIn(tx), idsIn(other)]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('sends nothing if one of the messages goes to a transport that knows no transactions', async () => {
    const { bus, messenger, db, plain, tx } = setup({
      routes: [
        [Paid, 'db'],
        [Local, 'plain'],
      ],
    });

    const error = await rejectionOf(
      messenger.inTransaction(tx, () => bus.dispatchAll([new Paid(1), new Local()])),
    );

    expect(error).toBeInstanceOf(NotTransactionalError);
    expect([...idsIn(tx), ...db.calls, ...plain.calls]).toEqual([]);
  });
});

describe('a message that waits for the current one', () => {
  const after = [new DispatchAfterCurrentBusStamp()];

  function withHandler(handle: (parts: ReturnType<typeof setup>) => Promise<unknown>) {
    const parts: ReturnType<typeof setup> = setup({
      handlers: [handler('R', Root, () => handle(parts)), handler('L', Local, () => 'local')],
    });
    return parts;
  }

  it('is sent in the transaction around both', async () => {
    const { bus, messenger, tx } = withHandler(async (parts) => {
      await parts.bus.dispatch(new Paid(1), after);
      expect(idsIn(parts.tx)).toEqual([]);
    });

    await messenger.inTransaction(tx, () => bus.dispatch(new Root()));

    expect(idsIn(tx)).toEqual([1]);
  });

  it('is refused if its transaction has ended by then, rather than sent without one', async () => {
    const { bus, db, tx } = withHandler((parts) =>
      parts.messenger.inTransaction(parts.tx, () => parts.bus.dispatch(new Paid(1), after)),
    );

    const error = await rejectionOf(bus.dispatch(new Root()));

    expect(error).toBeInstanceOf(DelayedMessageHandlingError);
    expect((error as DelayedMessageHandlingError).errors[0]).toBeInstanceOf(TransactionEndedError);
    expect([...idsIn(tx), ...db.calls]).toEqual([]);
  });

  it('does not get into the transaction around instead', async () => {
    const inner = new FakeTransaction();
    const { bus, messenger, tx } = withHandler((parts) =>
      parts.messenger.inTransaction(inner, () => parts.bus.dispatch(new Paid(1), after)),
    );

    await rejectionOf(messenger.inTransaction(tx, () => bus.dispatch(new Root())));

    expect([idsIn(tx), idsIn(inner)]).toEqual([[], []]);
  });

  it('is handled where it is, whatever has become of the transaction', async () => {
    const { bus } = withHandler((parts) =>
      parts.messenger.inTransaction(parts.tx, () => parts.bus.dispatch(new Local(), after)),
    );

    await expect(bus.dispatch(new Root())).resolves.toBeDefined();
  });
});
