import { describe, expect, it } from 'vitest';
import type { AmqpPublication } from '../../../lib/transports/amqp/amqp.publication.js';
import { AmqpPublishOptions } from '../../../lib/transports/amqp/amqp.publish-options.js';

const publication = (headers?: Readonly<Record<string, unknown>>, more: object = {}): AmqpPublication => ({
  address: { exchange: '', routingKey: 'q' },
  body: Buffer.from(''),
  properties: { messageId: 'id', ...(headers && { headers }) },
  mandatory: true,
  ...more,
});

describe('what the driver is told of a message', () => {
  it('is what it is published with, and whether it must arrive', () => {
    expect(new AmqpPublishOptions().of(publication({ type: 'a' }))).toEqual({
      messageId: 'id',
      headers: { type: 'a' },
      mandatory: true,
    });
    expect(new AmqpPublishOptions().of(publication())).toMatchObject({ headers: {} });
  });

  it('has the headers of this message, whatever the one before had', () => {
    const options = new AmqpPublishOptions();
    const seen = [
      { type: 'a', x: 1 },
      { type: 'b', x: [2] },
      { type: 'c' },
      { x: 3, type: 'd' },
      {},
      { type: 'e', y: null },
      { type: 'f', y: undefined },
    ].map((headers) => [headers, { ...options.of(publication(headers)).headers }]);
    seen.forEach(([headers, told]) => expect(told).toEqual(headers));
  });

  it('costs one object for messages whose headers have the same names', () => {
    const options = new AmqpPublishOptions();
    const [one, other, third] = [{ a: 1 }, { a: 2 }, { b: 3 }].map(
      (headers) => options.of(publication(headers)).headers,
    );
    expect(other).toBe(one);
    expect(third).not.toBe(one);
  });

  it('adds the headers of the address, and leaves those of the message alone', () => {
    const headers = Object.freeze({ type: 'a' });
    const options = new AmqpPublishOptions();
    const address = { exchange: '', routingKey: 'q', headers: { 'x-delay': 5 } };
    expect(options.of(publication(headers, { address })).headers).toEqual({ type: 'a', 'x-delay': 5 });
    expect(options.of(publication(headers)).headers).toEqual({ type: 'a' });
  });

  it('has a header named like the prototype', () => {
    const options = new AmqpPublishOptions();
    for (const value of ['one', 'other']) {
      const headers = JSON.parse(`{"__proto__":"${value}"}`) as Record<string, unknown>;
      expect(Object.entries(options.of(publication(headers)).headers ?? {})).toEqual([['__proto__', value]]);
    }
  });
});
