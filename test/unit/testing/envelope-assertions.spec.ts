import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import {
  assertMessage,
  assertNoMessage,
  assertNoStamp,
  assertNotSent,
  assertSent,
  assertStamp,
} from '../../../lib/testing/envelope-assertions.js';

class OrderPlaced {
  constructor(
    readonly id: number,
    readonly customer: string,
  ) {}
}

class RushOrderPlaced extends OrderPlaced {}

class OrderShipped {
  constructor(readonly id: number) {}
}

const order = new Envelope(new OrderPlaced(7, 'ada'), [
  new BusNameStamp('command'),
  new DelayStamp(100),
  new DelayStamp(200),
]);

function failureOf(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError);
    return (error as AssertionError).message;
  }
  throw new RangeError('The assertion has not failed.');
}

describe('assertStamp', () => {
  it('returns the last stamp of the class', () => {
    expect(assertStamp(order, DelayStamp).delay).toBe(200);
  });

  it('returns the last stamp that is as expected', () => {
    expect(assertStamp(order, DelayStamp, { delay: 100 }).delay).toBe(100);
    expect(assertStamp(order, DelayStamp, ({ delay }) => delay < 150).delay).toBe(100);
  });

  it('compares values deeply', () => {
    const routed = new Envelope(new OrderPlaced(7, 'ada'), [new TransportNamesStamp(['a', 'b'])]);
    assertStamp(routed, TransportNamesStamp, { transportNames: ['a', 'b'] });
    expect(failureOf(() => assertStamp(routed, TransportNamesStamp, { transportNames: ['a'] }))).toContain(
      `with { transportNames: [ 'a' ] }`,
    );
  });

  it('fails with a text that lists the stamps', () => {
    expect(failureOf(() => assertStamp(order, DelayStamp, { delay: 300 }))).toBe(
      [
        'Expected the envelope of "OrderPlaced" to carry a "DelayStamp" with { delay: 300 }. It carries:',
        `  BusNameStamp { busName: 'command' }`,
        '  DelayStamp { delay: 100 }',
        '  DelayStamp { delay: 200 }',
      ].join('\n'),
    );
    expect(failureOf(() => assertStamp(new Envelope({}), DelayStamp, () => true))).toBe(
      'Expected the envelope of "Object" to carry a "DelayStamp" that meets the condition. It carries no stamp.',
    );
  });
});

describe('assertNoStamp', () => {
  it('fails if there is such a stamp', () => {
    assertNoStamp(order, TransportNamesStamp);
    expect(failureOf(() => assertNoStamp(order, DelayStamp))).toMatch(
      /^Expected the envelope of "OrderPlaced" to carry no "DelayStamp"\. It carries:\n {2}BusNameStamp/,
    );
  });
});

describe('assertSent', () => {
  const transport = {
    sent: [order, new Envelope(new OrderShipped(8)), new Envelope(new RushOrderPlaced(9, 'bob'))],
  };

  it('returns the first envelope with a message of the type', () => {
    expect(assertSent(transport, OrderPlaced)).toBe(transport.sent[0]);
    expect(assertSent(transport, OrderShipped).message.id).toBe(8);
  });

  it('finds messages of derived types', () => {
    expect(assertSent(transport, OrderPlaced, { id: 9 }).message).toBeInstanceOf(RushOrderPlaced);
  });

  it('finds a message by a condition on it and its envelope', () => {
    const isDelayed = (message: OrderPlaced, envelope: Envelope) =>
      message.id > 5 && envelope.has(DelayStamp);
    expect(assertSent(transport, OrderPlaced, isDelayed)).toBe(order);
  });

  it('fails with a text that lists what was sent', () => {
    expect(failureOf(() => assertSent(transport, OrderShipped, { id: 7 }))).toBe(
      [
        'Expected a message of type "OrderShipped" with { id: 7 }. There is:',
        `  OrderPlaced { id: 7, customer: 'ada' }`,
        '  OrderShipped { id: 8 }',
        `  RushOrderPlaced { id: 9, customer: 'bob' }`,
      ].join('\n'),
    );
    expect(failureOf(() => assertSent({ sent: [] }, OrderShipped))).toBe(
      'Expected a message of type "OrderShipped". There is nothing.',
    );
  });

  it('keeps the text short when much was sent', () => {
    const sent = Array.from({ length: 25 }, (_, id) => new Envelope(new OrderShipped(id)));
    const text = failureOf(() => assertSent({ sent }, OrderPlaced));
    expect(text.split('\n')).toHaveLength(22);
    expect(text).toMatch(/ {2}and 5 more$/);
  });
});

describe('assertNotSent', () => {
  it('fails if there is such a message', () => {
    assertNotSent({ sent: [order] }, OrderShipped);
    assertNotSent({ sent: [order] }, OrderPlaced, { id: 8 });
    expect(failureOf(() => assertNotSent({ sent: [order] }, OrderPlaced))).toBe(
      `Expected no message of type "OrderPlaced". There is:\n  OrderPlaced { id: 7, customer: 'ada' }`,
    );
  });
});

describe('assertMessage and assertNoMessage', () => {
  it('look into any list of envelopes', () => {
    expect(assertMessage([order], OrderPlaced)).toBe(order);
    assertNoMessage([order], OrderShipped);
    expect(failureOf(() => assertMessage([order], OrderShipped))).toContain(
      'Expected a message of type "OrderShipped".',
    );
    expect(failureOf(() => assertNoMessage([order], OrderPlaced))).toContain(
      'Expected no message of type "OrderPlaced".',
    );
  });
});
