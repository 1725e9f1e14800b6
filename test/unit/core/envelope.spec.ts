import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { NonSendableStamp } from '../../../lib/envelope/stamp.js';
import { InvalidStampError } from '../../../lib/errors/invalid-stamp.error.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';

class Ping {
  constructor(readonly id: number) {}
}

class LoudDelayStamp extends DelayStamp {}

describe('an envelope', () => {
  it('keeps its stamps in the order they were added and answers with the last of a class', () => {
    const first = new DelayStamp(1);
    const second = new DelayStamp(2);
    const envelope = new Envelope(new Ping(1), [first]).with(new BusNameStamp('a'), second);

    expect(envelope.last(DelayStamp)).toBe(second);
    expect(envelope.all(DelayStamp)).toEqual([first, second]);
    expect(envelope.all()).toHaveLength(3);
    expect(envelope.has(ReceivedStamp)).toBe(false);
    expect(envelope.last(ReceivedStamp)).toBeUndefined();
  });

  it('never changes: every method returns another envelope', () => {
    const envelope = new Envelope(new Ping(1), [new DelayStamp(1)]);

    envelope.with(new BusNameStamp('a'));
    envelope.without(DelayStamp);

    expect(envelope.all()).toEqual([new DelayStamp(1)]);
  });

  it('removes stamps of exactly a class, or of a class and its subclasses', () => {
    const envelope = new Envelope(new Ping(1), [
      new DelayStamp(1),
      new LoudDelayStamp(2),
      new ReceivedStamp('x'),
    ]);

    expect(envelope.without(DelayStamp).all()).toEqual([new LoudDelayStamp(2), new ReceivedStamp('x')]);
    expect(envelope.withoutKindOf(DelayStamp).all()).toEqual([new ReceivedStamp('x')]);
    expect(envelope.withoutKindOf(NonSendableStamp).all()).toHaveLength(2);
    expect(envelope.last(DelayStamp)?.delay).toBe(1);
  });

  it('is wrapped around a message once', () => {
    const envelope = Envelope.wrap(new Ping(1), [new DelayStamp(1)]);

    expect(Envelope.wrap(envelope)).toBe(envelope);
    expect(Envelope.wrap(envelope, [new DelayStamp(2)]).all(DelayStamp)).toHaveLength(2);
  });
});

describe('a delay', () => {
  it('can be written for people', () => {
    expect(DelayStamp.for('5 minutes').delay).toBe(300_000);
    expect(DelayStamp.for('250 ms').delay).toBe(250);
    expect(DelayStamp.for(1.2).delay).toBe(2);
    expect(DelayStamp.until(new Date(5_000), 2_000).delay).toBe(3_000);
    expect(DelayStamp.until(new Date(1_000), 2_000).delay).toBe(0);
  });

  it.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY], [1e15]])('cannot be %s', (delay) => {
    expect(() => new DelayStamp(delay)).toThrow(InvalidStampError);
  });

  it('refuses a text that is no duration, and says what is one', () => {
    expect(() => DelayStamp.for('soon')).toThrow(
      'Invalid "DelayStamp": "soon" is not a duration; write "5 minutes", "1h" or "250 ms".',
    );
  });
});
