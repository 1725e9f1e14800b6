import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AmqpChannel, AmqpMessage } from '../../../lib/transports/amqp/amqp.driver.js';
import type { AmqpDelivery } from '../../../lib/transports/amqp/amqp.stamps.js';
import { AmqpUnsettled, type AmqpVerdict } from '../../../lib/transports/amqp/amqp.unsettled.js';

/** A broker's side of a channel: what it believes to be unsettled, and what became of the rest. */
class FakeBroker {
  readonly unsettled = new Set<number>();
  readonly outcomes = new Map<number, string>();
  commands = 0;
  isClosed = false;

  readonly channel = {
    ack: (message: AmqpMessage, upTo = false) => this.#settle(message, upTo, 'ack'),
    nack: (message: AmqpMessage, upTo = false, requeue = true) =>
      this.#settle(message, upTo, requeue ? 'requeue' : 'reject'),
  } as unknown as AmqpChannel;

  #settle({ fields: { deliveryTag } }: AmqpMessage, upTo: boolean, outcome: string): void {
    if (this.isClosed) {
      throw new Error('Channel closed');
    }
    if (!this.unsettled.has(deliveryTag)) {
      throw new Error(`PRECONDITION_FAILED - unknown delivery tag ${deliveryTag}`);
    }
    this.commands += 1;
    for (const tag of [...this.unsettled].filter(
      (each) => each === deliveryTag || (upTo && each < deliveryTag),
    )) {
      this.unsettled.delete(tag);
      this.outcomes.set(tag, outcome);
    }
  }
}

function setup(count: number) {
  const broker = new FakeBroker();
  const unsettled = new AmqpUnsettled(broker.channel);
  const deliveries = Array.from({ length: count }, (_, index) => deliveryOf(index + 1));
  for (const { tag } of deliveries) {
    broker.unsettled.add(tag);
    unsettled.add(tag);
  }
  const settle = (tags: readonly number[], verdict: AmqpVerdict = 'ack'): boolean[] =>
    unsettled.settle(
      tags.map((tag) => deliveries[tag - 1] ?? deliveryOf(tag)),
      verdict,
      () => undefined,
    );
  return { broker, unsettled, settle };
}

function deliveryOf(tag: number): AmqpDelivery {
  const message = { fields: { deliveryTag: tag } } as AmqpMessage;
  return { tag, queue: 'orders', channel: {}, message };
}

describe('the deliveries of a channel that are not settled', () => {
  it('are settled by one command where all before them are settled', () => {
    const { broker, settle, unsettled } = setup(5);
    expect(settle([1, 2, 3])).toEqual([true, true, true]);
    expect(broker.commands).toBe(1);
    expect([...broker.unsettled]).toEqual([4, 5]);
    expect(unsettled.count).toBe(2);
  });

  it('are never settled by a command for a later one', () => {
    const { broker, settle } = setup(5);
    settle([2, 4]);
    expect([...broker.unsettled]).toEqual([1, 3, 5]);
    settle([1, 3]);
    expect([...broker.unsettled]).toEqual([5]);
    expect(broker.commands).toBe(3);
  });

  it('cannot be settled twice, for which the broker would close the channel', () => {
    const { broker, settle } = setup(3);
    settle([1, 3]);
    expect(settle([1, 3])).toEqual([false, false]);
    expect(settle([2, 2])).toEqual([true, false]);
    expect(settle([4])).toEqual([false]);
    expect(broker.outcomes.size).toBe(3);
  });

  it('are lost with the channel', () => {
    const { broker, settle, unsettled } = setup(2);
    unsettled.end();
    expect(settle([1, 2])).toEqual([false, false]);
    expect(broker.commands).toBe(0);
    expect(unsettled.count).toBe(0);
  });

  it('are lost with a channel of which only the driver knows that it is closed', () => {
    const { broker, settle } = setup(2);
    broker.isClosed = true;
    expect(settle([1, 2])).toEqual([false, false]);
  });

  it('go back oldest first', () => {
    const { broker, settle } = setup(4);
    settle([4, 3, 2], 'requeue');
    expect([...broker.outcomes]).toEqual([
      [2, 'requeue'],
      [3, 'requeue'],
      [4, 'requeue'],
    ]);
  });

  it('are each settled as they were asked to be, in whatever order and however many', () => {
    const verdicts = fc.constantFrom<AmqpVerdict>('ack', 'reject', 'requeue');
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 3000 })
          .chain((count) =>
            fc.tuple(
              fc.constant(count),
              fc.array(fc.tuple(fc.array(fc.integer({ min: 1, max: count }), { maxLength: 200 }), verdicts)),
            ),
          ),
        ([count, steps]) => {
          const { broker, settle, unsettled } = setup(count);
          const expected = new Map<number, string>();
          for (const [tags, verdict] of steps) {
            const answers = settle(tags, verdict);
            tags.forEach((tag, index) => {
              expect(answers[index]).toBe(!expected.has(tag));
              expected.set(tag, expected.get(tag) ?? verdict);
            });
          }
          expect(new Map([...broker.outcomes].toSorted(byTag))).toEqual(
            new Map([...expected].toSorted(byTag)),
          );
          expect(unsettled.count).toBe(count - expected.size);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('may be far apart', () => {
    const broker = new FakeBroker();
    const unsettled = new AmqpUnsettled(broker.channel);
    const settle = (tag: number): boolean[] => unsettled.settle([deliveryOf(tag)], 'ack', () => undefined);
    for (let tag = 1; tag <= 10_000; tag++) {
      broker.unsettled.add(tag);
      unsettled.add(tag);
      if (tag > 1) {
        expect(settle(tag)).toEqual([true]);
      }
    }
    expect([...broker.unsettled]).toEqual([1]);
    expect(settle(1)).toEqual([true]);
    expect(unsettled.count).toBe(0);
  });
});

function byTag([one]: readonly [number, string], [other]: readonly [number, string]): number {
  return one - other;
}
