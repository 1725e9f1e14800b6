import { describe, expect, it } from 'vitest';
import { AmqpPrefetch, type PrefetchChange } from '../../../lib/transports/amqp/amqp.prefetch.js';
import type { AmqpLoad } from '../../../lib/transports/amqp/amqp.subscription.js';

/** One that has begun with `prefetch`, and a clock. */
function setup(prefetch: number, fixed?: number) {
  let now = 0;
  const subject = new AmqpPrefetch(fixed, () => now);
  subject.initial(prefetch);
  return {
    subject,
    pass: (ms: number) => (now += ms),
    change: (load: Partial<AmqpLoad>, asked: number, isAwaited = false): PrefetchChange => {
      const { held = 0, buffered = 0 } = load;
      const room = prefetch - held - buffered;
      return subject.change(
        { prefetch, held, buffered, room, older: 0, isSettling: true, ...load },
        asked,
        isAwaited,
      );
    },
  };
}

describe('how many messages RabbitMQ may push ahead', () => {
  it('is what a worker asks for at first', () => {
    expect(new AmqpPrefetch(undefined).initial(7)).toBe(7);
  });

  it('is within what the protocol can say', () => {
    expect(new AmqpPrefetch(undefined).initial(0)).toBe(1);
    expect(new AmqpPrefetch(undefined).initial(1_000_000)).toBe(65_535);
  });

  it('stays while the worker gets what it asks for', () => {
    const { change } = setup(100);
    expect(change({ held: 60, buffered: 40 }, 40)).toBe(undefined);
    expect(change({ held: 99 }, 10)).toBe(undefined);
  });

  it('grows to what the worker has and asks for, if that is clearly more', () => {
    const { change } = setup(10);
    expect(change({ held: 5, buffered: 5 }, 9)).toBe(undefined);
    expect(change({ held: 5, buffered: 5 }, 20)).toEqual({ prefetch: 25 });
  });

  it('grows by what is missing only, where nothing is settled', () => {
    const { change } = setup(2);
    expect(change({ held: 2, isSettling: false }, 3)).toEqual({ prefetch: 3 });
  });

  it('grows whenever a fetch waits and nothing more could come', () => {
    const { change } = setup(100);
    expect(change({ held: 100 }, 1, true)).toEqual({ prefetch: 101 });
    expect(change({ held: 99 }, 1, true)).toBe(undefined);
    expect(change({ held: 100 }, 1)).toBe(undefined);
  });

  it('counts what the consumers before have pushed', () => {
    const { change } = setup(10);
    expect(change({ held: 10, older: 10, room: 10 }, 10)).toBe(undefined);
  });

  it('shrinks only when clearly less was asked for during a second', () => {
    const { change, pass } = setup(100);
    expect(change({}, 1)).toBe(undefined);
    pass(999);
    expect(change({}, 1)).toBe(undefined);
    pass(1);
    expect(change({}, 1)).toBe('less');
  });

  it('does not shrink when as much was asked for within the last second', () => {
    const { change, pass } = setup(100);
    change({}, 100);
    pass(1000);
    expect(change({}, 1)).toBe(undefined);
    pass(1000);
    expect(change({}, 1)).toBe('less');
  });

  it('is what it was fixed to', () => {
    const { subject, change } = setup(10, 10);
    expect(subject.initial(500)).toBe(10);
    expect(change({ held: 10 }, 500)).toBe(undefined);
  });
});
