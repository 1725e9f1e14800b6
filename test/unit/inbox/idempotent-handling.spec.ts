import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { LeaseLostError } from '../../../lib/errors/lease-lost.error.js';
import { WorkerMessageHandledEvent } from '../../../lib/event/worker-message-handled.event.js';
import { ConsumedByWorkerStamp } from '../../../lib/stamp/consumed-by-worker.stamp.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { HandledBeforeStamp } from '../../../lib/stamp/handled-before.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { deferred, handler, rejectionOf } from '../../fixtures/core.js';
import { idempotent, setup, Task } from './setup.js';

/** A delivery of a message, as a worker dispatches it. */
function delivery(id = 'm-1', signal = new AbortController().signal): Envelope<Task> {
  return new Envelope(new Task(1), [
    new MessageIdStamp(id),
    new ReceivedStamp('async'),
    new ConsumedByWorkerStamp({ signal, yieldSlot: () => undefined }),
  ]);
}

describe('an idempotent handler', () => {
  it('is recorded in the transaction it is given before it is called', async () => {
    const seen: unknown[] = [];
    const { bus, inbox } = setup([
      idempotent('H', ({ id }, { transaction }) => {
        seen.push([...transaction.entries], [...inbox.committed]);
        transaction.write(`task ${id}`);
        return 'done';
      }),
    ]);

    const handled = await bus.dispatch(delivery());

    expect(seen).toEqual([['m-1 H'], []]);
    expect([...inbox.committed]).toEqual(['m-1 H']);
    expect(inbox.effects).toEqual(['task 1']);
    expect(handled.all(HandledStamp)).toEqual([new HandledStamp('done', 'H')]);
    expect(handled.has(HandledBeforeStamp)).toBe(false);
  });

  it('is not called when the message is delivered again, and the message is acknowledged', async () => {
    const { bus, async, inbox, work, events, log } = setup([
      idempotent('H', (_, { transaction }) => transaction.write('once')),
    ]);
    const skipped: Array<readonly string[]> = [];
    events.on(WorkerMessageHandledEvent, ({ skippedHandlers }) => void skipped.push(skippedHandlers));
    const sent = await bus.dispatch(new Task(1));
    await async.send([sent]);

    const { processed, failed } = await work();

    expect([processed, failed]).toEqual([2, 0]);
    expect(inbox.effects).toEqual(['once']);
    expect(async.acknowledged).toHaveLength(2);
    expect(skipped).toEqual([[], ['H']]);
    const id = sent.last(MessageIdStamp)?.id;
    expect(log.texts('debug')).toEqual([`"Task" ${id} was handled by H before, and is skipped.`]);
  });

  it('tells in stamps that it was skipped', async () => {
    const { bus } = setup([idempotent('H', () => 'done')]);
    await bus.dispatch(delivery());

    const again = await bus.dispatch(delivery());

    expect(again.all(HandledStamp)).toEqual([new HandledStamp(undefined, 'H')]);
    expect(again.all(HandledBeforeStamp)).toEqual([new HandledBeforeStamp('H')]);
  });

  it('leaves nothing behind when it throws, and runs again when the message is retried', async () => {
    let runs = 0;
    const { bus, async, inbox, work, retry } = setup([
      idempotent('H', (_, { transaction }) => {
        runs += 1;
        transaction.write(`run ${runs}`);
        if (runs === 1) {
          throw new Error('Not yet.');
        }
      }),
    ]);
    await bus.dispatch(new Task(1));

    await work();
    expect([...inbox.committed]).toEqual([]);
    await retry();

    expect(inbox.ends).toEqual(['rollback', 'commit']);
    expect(inbox.effects).toEqual(['run 2']);
    expect(async.queue).toEqual([]);
  });

  it('has a transaction of its own; those that succeeded do not run again for one that failed', async () => {
    let isDown = true;
    const transactions = new Set<object>();
    const calls: string[] = [];
    const { bus, inbox, work, retry } = setup([
      idempotent('A', (_, { transaction }) => {
        transactions.add(transaction);
        transaction.write('a');
      }),
      idempotent('B', (_, { transaction }) => {
        transactions.add(transaction);
        transaction.write('b');
        if (isDown) {
          throw new Error('Down.');
        }
      }),
      handler(
        'C',
        Task,
        (_, { transaction }: { transaction: unknown }) => void calls.push(typeof transaction),
      ),
    ]);
    const { id } = (await bus.dispatch(new Task(1))).last(MessageIdStamp) as MessageIdStamp;

    await work();
    expect([...inbox.committed]).toEqual([`${id} A`]);
    isDown = false;
    await retry();

    expect(transactions.size).toBe(3);
    expect(inbox.effects).toEqual(['a', 'b']);
    // An ordinary handler has no transaction, and is left out of the retry as well.
    expect(calls).toEqual(['undefined']);
    expect([...inbox.committed]).toEqual([`${id} A`, `${id} B`]);
  });

  it('is skipped by itself when a worker died between two handlers', async () => {
    let isDying = true;
    const { bus, inbox } = setup([
      idempotent('A', (_, { transaction }) => transaction.write('a')),
      idempotent('B', (_, { transaction }) => {
        if (isDying) {
          throw new Error('As if the process had ended.');
        }
        transaction.write('b');
        return 'done';
      }),
    ]);
    await rejectionOf(bus.dispatch(delivery()));
    isDying = false;

    const again = await bus.dispatch(delivery());

    expect(inbox.effects).toEqual(['a', 'b']);
    expect(again.all(HandledStamp)).toEqual([
      new HandledStamp(undefined, 'A'),
      new HandledStamp('done', 'B'),
    ]);
    expect(again.all(HandledBeforeStamp)).toEqual([new HandledBeforeStamp('A')]);
  });

  it('waits for another delivery that is being handled, and is skipped when that succeeds', async () => {
    const [started, gate] = [deferred(), deferred()];
    let runs = 0;
    const { bus, inbox } = setup([
      idempotent('H', async () => {
        runs += 1;
        started.resolve();
        await gate.promise;
      }),
    ]);

    const first = bus.dispatch(delivery());
    await started.promise;
    const second = bus.dispatch(delivery());
    gate.resolve();

    expect((await first).has(HandledBeforeStamp)).toBe(false);
    expect((await second).has(HandledBeforeStamp)).toBe(true);
    expect(runs).toBe(1);
    expect(inbox.ends).toEqual(['commit', 'commit']);
  });

  it('waits for another delivery that is being handled, and runs when that fails', async () => {
    const [started, gate] = [deferred(), deferred()];
    let runs = 0;
    const { bus } = setup([
      idempotent('H', async () => {
        runs += 1;
        if (runs === 1) {
          started.resolve();
          await gate.promise;
          throw new Error('The first one fails.');
        }
      }),
    ]);

    const first = rejectionOf(bus.dispatch(delivery()));
    await started.promise;
    const second = bus.dispatch(delivery());
    gate.resolve();

    await first;
    expect((await second).has(HandledBeforeStamp)).toBe(false);
    expect(runs).toBe(2);
  });

  it('is remembered by the id of the transport when a foreign message has no other', async () => {
    const { bus, inbox } = setup([idempotent('H', () => undefined)]);
    const foreign = new Envelope(new Task(1), [
      new ReceivedStamp('async'),
      new TransportMessageIdStamp('17'),
    ]);

    await bus.dispatch(foreign);
    await bus.dispatch(foreign);

    expect([...inbox.committed]).toEqual(['transport:async:17 H']);
    expect(inbox.ends).toEqual(['commit', 'commit']);
  });

  it('fails for good with a message that has no id at all, and says what to do', async () => {
    const { bus, inbox } = setup([idempotent('H', () => undefined)]);

    const error = await rejectionOf(bus.dispatch(new Envelope(new Task(1), [new ReceivedStamp('async')])));

    expect(error.cause).toMatchObject({
      code: 'MESSENGER_MISSING_MESSAGE_ID',
      message:
        'Handler "H" is idempotent, but a message "Task" of transport "async" has no id by which to tell that it was handled ' +
        'before. Let its producer send one, as a "MessageIdStamp" or as the message id of the broker, or take "idempotent" away.',
    });
    expect(inbox.ends).toEqual([]);
  });

  it('runs in a transaction, and is not remembered, where a message is handled that was never sent', async () => {
    const { bus, inbox } = setup([idempotent('H', (_, { transaction }) => transaction.write('x'))], {
      routes: [],
    });

    await bus.dispatch(new Task(1));
    await bus.dispatch(new Task(1));
    expect(inbox.effects).toEqual(['x', 'x']);
    await bus.dispatch(new Task(1), [new MessageIdStamp('mine')]);
    await bus.dispatch(new Task(1), [new MessageIdStamp('mine')]);

    expect(inbox.effects).toEqual(['x', 'x', 'x']);
    expect([...inbox.committed]).toEqual(['mine H']);
  });

  it('goes on being remembered in the failure transport', async () => {
    let isDown = true;
    const { bus, inbox, failed, work, retry, retrier } = setup([
      idempotent('A', (_, { transaction }) => transaction.write('a')),
      idempotent('B', (_, { transaction }) => {
        if (isDown) {
          throw new Error('Down.');
        }
        transaction.write('b');
      }),
    ]);
    await bus.dispatch(new Task(1));
    await work();
    await retry();
    const copy = failed.queue[0]?.without(HandledStamp) as Envelope;
    expect(copy.last(ErrorDetailsStamp)?.errorMessage).toBe('Down.');

    // Even if a producer of another version had dropped the list of handlers.
    await failed.send([copy]);
    isDown = false;
    for (const { id } of failed.queue.map(
      (each) => each.last(TransportMessageIdStamp) as TransportMessageIdStamp,
    )) {
      expect(await retrier.retry('failed', id)).toMatchObject({ outcome: 'handled' });
    }

    expect(inbox.effects).toEqual(['a', 'b']);
  });
});

describe('the signal of an idempotent handler', () => {
  it('keeps its work from being committed once the lease is lost, however the handler ends', async () => {
    const lease = new AbortController();
    const { bus, inbox } = setup([
      idempotent('H', (_, { transaction }) => {
        transaction.write('too late');
        lease.abort(new LeaseLostError('async'));
      }),
    ]);

    const error = await rejectionOf(bus.dispatch(delivery('m-1', lease.signal)));

    expect(error.cause).toBe(lease.signal.reason);
    expect(inbox.ends).toEqual(['rollback']);
    expect(inbox.effects).toEqual([]);
  });

  it('keeps the handler from being called if it fired while another delivery was waited for', async () => {
    const lease = new AbortController();
    const [started, gate] = [deferred(), deferred()];
    let runs = 0;
    const { bus, inbox } = setup([
      idempotent('H', async () => {
        runs += 1;
        started.resolve();
        await gate.promise;
        throw new Error('Fails.');
      }),
    ]);
    const first = rejectionOf(bus.dispatch(delivery()));
    await started.promise;
    const second = rejectionOf(bus.dispatch(delivery('m-1', lease.signal)));
    lease.abort(new LeaseLostError('async'));
    gate.resolve();

    await first;
    expect((await second).cause).toBe(lease.signal.reason);
    expect(runs).toBe(1);
    expect(inbox.ends).toEqual(['rollback', 'rollback']);
  });

  it('does not end the transaction while the handler still runs after its time-out', async () => {
    const gate = deferred();
    const { bus, inbox } = setup([
      idempotent(
        'H',
        async (_, { transaction }) => {
          await gate.promise;
          transaction.write('too late');
        },
        { timeout: 5 },
      ),
    ]);

    const error = await rejectionOf(bus.dispatch(delivery()));
    expect((error.cause as Error).message).toContain('within its timeout of 5 ms');
    expect(inbox.ends).toEqual([]);
    gate.resolve();

    await expect.poll(() => inbox.ends).toEqual(['rollback']);
    expect(inbox.effects).toEqual([]);
  });
});
