import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BatchSettledTwiceError } from '../../../lib/errors/batch-settled-twice.error.js';
import { HandlerFailedError } from '../../../lib/errors/handler-failed.error.js';
import type { Batch } from '../../../lib/handler/batch.js';
import { ConsumedByWorkerStamp } from '../../../lib/stamp/consumed-by-worker.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import type { BatchOptions } from '../../../lib/handler/handler-descriptor.js';
import { createCore, deferred, handler, rejectionOf } from '../../fixtures/core.js';

class Row {
  constructor(readonly id: number) {}
}

/** A bus with one batch handler, and messages dispatched as a worker would. */
function setup(handle: (batch: Batch<Row>) => unknown, options: BatchOptions = { size: 3, idleTimeout: 50 }) {
  const batches: number[][] = [];
  const core = createCore({
    handlers: [
      handler(
        'Rows',
        Row,
        (batch: never) => {
          batches.push([...(batch as Batch<Row>)].map(({ message }) => message.id));
          return handle(batch);
        },
        { batch: options },
      ),
    ],
  });
  let yielded = 0;
  const receive = (id: number) => {
    const delivery = { signal: new AbortController().signal, yieldSlot: () => void yielded++ };
    return core.bus.dispatch(new Row(id), [new ReceivedStamp('a'), new ConsumedByWorkerStamp(delivery)]);
  };
  return { ...core, batches, receive, yielded: () => yielded };
}

describe('a batch handler', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('takes a full batch at once, and each message has its own outcome', async () => {
    const { receive, batches } = setup((batch) => {
      for (const { message, ack, nack } of batch) {
        if (message.id === 2) {
          nack(new Error('Not two.'));
        } else {
          ack(`row ${message.id}`);
        }
      }
    });

    const [one, two, three] = await Promise.allSettled([receive(1), receive(2), receive(3)]);

    expect(batches).toEqual([[1, 2, 3]]);
    expect(one.status === 'fulfilled' && one.value.last(HandledStamp)).toEqual(
      new HandledStamp('row 1', 'Rows'),
    );
    expect(two.status === 'rejected' && two.reason).toBeInstanceOf(HandlerFailedError);
    expect(three.status).toBe('fulfilled');
  });

  it('settles what the handler left: handled if it returns, failed if it throws', async () => {
    const boom = new Error('Boom.');
    let calls = 0;
    const { receive } = setup(
      (batch) => {
        calls += 1;
        if (calls === 2) {
          [...batch][0]?.ack('first');
          throw boom;
        }
      },
      { size: 2 },
    );

    const returned = await Promise.all([receive(1), receive(2)]);
    const [third, fourth] = await Promise.allSettled([receive(3), receive(4)]);

    expect(returned.map((envelope) => envelope.has(HandledStamp))).toEqual([true, true]);
    expect(third.status).toBe('fulfilled');
    expect(fourth.status === 'rejected' && (fourth.reason as Error).cause).toBe(boom);
  });

  it('is called for a batch that is not full once no message came for the idle time-out', async () => {
    const { receive, batches } = setup(() => undefined);

    const first = receive(1);
    await vi.advanceTimersByTimeAsync(40);
    const second = receive(2);
    await vi.advanceTimersByTimeAsync(40);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(10);
    await Promise.all([first, second]);

    expect(batches).toEqual([[1, 2]]);
  });

  it('is called after 30 seconds however steadily messages trickle in', async () => {
    const { receive, batches } = setup(() => undefined, { size: 1000, idleTimeout: 10_000 });

    const received: Array<Promise<unknown>> = [];
    for (let id = 1; id <= 5; id++) {
      received.push(receive(id));
      await vi.advanceTimersByTimeAsync(9_000);
    }
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(received);

    expect(batches).toEqual([[1, 2, 3, 4], [5]]);
  });

  it('is called for what is waiting when batches are flushed', async () => {
    const { receive, runner, batches } = setup(() => undefined);

    const received = receive(1);
    await vi.advanceTimersByTimeAsync(0);
    await runner.flushBatches();
    await received;

    expect(batches).toEqual([[1]]);
  });

  it('runs one batch at a time, and frees the slots of no more than the next one', async () => {
    const gate = deferred();
    const { receive, batches, yielded } = setup(() => gate.promise, { size: 2, idleTimeout: 10 });

    const received = [1, 2, 3, 4, 5, 6].map(receive);
    await vi.advanceTimersByTimeAsync(1);

    expect(batches).toEqual([[1, 2]]);
    expect(yielded()).toBe(4);
    gate.resolve();
    await vi.advanceTimersByTimeAsync(20);
    await Promise.all(received);
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('gets a batch of one for a message dispatched in this process, at once', async () => {
    const { bus, batches } = setup((batch) => [...batch][0]?.ack('now'));

    const envelope = await bus.dispatch(new Row(9));

    expect(batches).toEqual([[9]]);
    expect(envelope.last(HandledStamp)?.result).toBe('now');
  });

  it('may settle an item only once', async () => {
    const { bus } = setup((batch) => {
      const [item] = [...batch];
      item?.ack();
      item?.ack();
    });

    // The item is settled, so its message is handled; the mistake fails the rest of the batch, which is empty.
    expect((await bus.dispatch(new Row(1))).has(HandledStamp)).toBe(true);
    const error = new BatchSettledTwiceError('Rows');
    expect(error.message).toBe(
      'Batch handler "Rows" settled an item twice. Call ack() or nack() once for each item.',
    );
  });

  it('does not hold up the other handlers of the message', async () => {
    const notes: string[] = [];
    const { bus, runner } = createCore({
      handlers: [
        handler('Batch', Row, () => void notes.push('batch'), { batch: { size: 10 }, priority: 1 }),
        handler('Single', Row, () => void notes.push('single')),
      ],
    });
    const delivery = { signal: new AbortController().signal, yieldSlot: () => undefined };

    const received = bus.dispatch(new Row(1), [new ReceivedStamp('a'), new ConsumedByWorkerStamp(delivery)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(notes).toEqual(['single']);
    await runner.flushBatches();
    await received;

    expect(notes).toEqual(['single', 'batch']);
  });

  it('fails its messages when it takes longer than its timeout', async () => {
    const core = createCore({
      handlers: [
        handler('Slow', Row, () => new Promise(() => undefined), { batch: { size: 1 }, timeout: 100 }),
      ],
    });

    const failed = rejectionOf(core.bus.dispatch(new Row(1)));
    await vi.advanceTimersByTimeAsync(100);

    expect((await failed).message).toContain('did not finish within its timeout of 100 ms');
  });
});
