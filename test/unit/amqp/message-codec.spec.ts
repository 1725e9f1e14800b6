import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import {
  type AmqpOutgoing,
  deliveryCountOf,
  encodedOf,
  publicationOf,
} from '../../../lib/transports/amqp/amqp.message-codec.js';
import { idOf } from '../../../lib/transports/amqp/amqp.message-id.js';
import { resolveAmqpOptions } from '../../../lib/transports/amqp/amqp.options.js';
import { AmqpPriorityStamp, AmqpReceivedStamp, AmqpStamp } from '../../../lib/transports/amqp/amqp.stamps.js';
import { amqpMessage, deliveryOf, type MessageParts } from './support/amqp-message.js';

class OrderPlaced {}

const ENCODED: EncodedEnvelope = {
  body: '{"id":1}',
  headers: { type: 'order.placed', 'Content-Type': 'application/json', 'X-Stamp-a': '[{}]' },
};
const NOW = 1_700_000_000_999;

interface Situation {
  readonly stamps?: readonly Stamp[];
  readonly encoded?: EncodedEnvelope;
  readonly query?: string;
  readonly path?: string;
}

function publish({
  stamps = [],
  encoded = ENCODED,
  query = '',
  path = 'orders',
}: Situation = {}): AmqpOutgoing {
  const options = resolveAmqpOptions('async', new Dsn(`amqp://localhost/%2f/${path}${query}`, 'async'));
  return publicationOf(encoded, new Envelope(new OrderPlaced(), stamps), options, NOW);
}

const received = (parts?: MessageParts, queue?: string): AmqpReceivedStamp =>
  new AmqpReceivedStamp(deliveryOf(amqpMessage(parts), queue));
const redelivery = new RedeliveryStamp(1, new Date(0));

describe('a message that is published', () => {
  it('has its content type as a property, and the other headers in the table', () => {
    const { properties, body } = publish();
    expect(body.toString()).toBe('{"id":1}');
    expect(properties.contentType).toBe('application/json');
    expect(properties.headers).toEqual({ type: 'order.placed', 'X-Stamp-a': '[{}]' });
  });

  it('has the content type of its stamp, unless another one was signed', () => {
    const stamps = [new AmqpStamp(undefined, {}, { contentType: 'text/plain' })];
    const encoded = { ...ENCODED, headers: { ...ENCODED.headers, 'X-Signature': 'v1' } };

    expect(publish({ stamps }).properties.contentType).toBe('text/plain');
    expect(publish({ stamps, encoded }).properties.contentType).toBe('application/json');
  });

  it('keeps no signature that its original had', () => {
    const headers = {
      'X-Signature': 'old',
      'Body-Sign': 'old',
      'Sign-Algo': 'old',
      'X-Quarantine-Signature': 'old',
    };

    expect(publish({ stamps: [received({ properties: { headers } })] }).properties.headers).toEqual({
      type: 'order.placed',
      'X-Stamp-a': '[{}]',
    });
  });

  it('is persistent, and says in seconds when it was sent', () => {
    expect(publish().properties).toMatchObject({ deliveryMode: 2, timestamp: 1_700_000_000 });
  });

  it('has no priority unless it was given one', () => {
    expect(publish().properties).not.toHaveProperty('priority');
    expect(publish({ stamps: [new AmqpPriorityStamp(0)] }).properties.priority).toBe(0);
  });

  it('has the id of the message, or a new one', () => {
    const { id, properties } = publish({ stamps: [new MessageIdStamp('abc')] });
    expect([id, properties.messageId]).toEqual(['abc', 'abc']);
    const one = publish();
    expect(one.id).toBe(one.properties.messageId);
    expect(one.id).not.toBe(publish().id);
  });

  it('has an id that AMQP can hold, always the same for the same id', () => {
    const stamps = [new MessageIdStamp('é'.repeat(200))];
    expect(Buffer.byteLength(publish({ stamps }).id)).toBeLessThan(256);
    expect(publish({ stamps }).id).toBe(publish({ stamps }).id);
  });

  it('has the properties that its stamp gives', () => {
    const stamp = new AmqpStamp('k', {}, { priority: 5, appId: 'shop', deliveryMode: 1, headers: { a: 1 } });
    const { properties } = publish({ stamps: [stamp] });
    expect(properties).toMatchObject({ priority: 5, appId: 'shop', deliveryMode: 1 });
    expect(properties.headers).toEqual({ a: 1, type: 'order.placed', 'X-Stamp-a': '[{}]' });
  });

  it('has the priority of AmqpPriorityStamp rather than that of AmqpStamp', () => {
    const stamps = [new AmqpPriorityStamp(9), new AmqpStamp(undefined, {}, { priority: 5 })];
    expect(publish({ stamps }).properties.priority).toBe(9);
  });

  it('expires as its stamp says, but not while it is delayed', () => {
    const stamp = new AmqpStamp(undefined, {}, { expiration: 500 });
    expect(publish({ stamps: [stamp] }).properties.expiration).toBe('500');
    const delayed = publish({ stamps: [stamp, new DelayStamp(1000)] });
    expect(delayed.delay).toBe(1000);
    expect(delayed.properties).not.toHaveProperty('expiration');
  });

  it('keeps a body of bytes', () => {
    const body = randomBytes(64);
    expect(publish({ encoded: { body: Uint8Array.from(body), headers: {} } }).body.equals(body)).toBe(true);
  });

  it.each([
    ['many', Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`X-Stamp-${i}`, 'x'.repeat(700)]))],
    ['one large', { 'X-Stamp-large': 'x'.repeat(66_000) }],
    ['characters of several bytes', { 'X-Stamp-large': '☃'.repeat(22_000) }],
  ])('is refused if its headers do not fit into a frame: %s', (_, headers) => {
    const encoded = { body: '', headers: { type: 'a', ...headers } };
    expect(() => publish({ encoded })).toThrow(MessageEncodingFailedError);
    expect(() => publish({ encoded })).toThrow(/its headers have \d+ bytes.* the largest is "X-Stamp-/);
  });

  it('is refused if its headers do not fit into the smaller frames that the DSN asks for', () => {
    const encoded = { body: '', headers: { 'X-Stamp-large': 'x'.repeat(5000) } };
    expect(() => publish({ encoded, query: '?frame_max=8192' })).not.toThrow();
    expect(() => publish({ encoded, query: '?frame_max=4096' })).toThrow('has room for');
  });

  it('is refused if the name of a header is too long', () => {
    const encoded = { body: '', headers: { [`X-Stamp-${'n'.repeat(250)}`]: '' } };
    expect(() => publish({ encoded })).toThrow('has 258 bytes, and AMQP allows 255');
  });
});

describe('where a message goes', () => {
  it('is the exchange, with the key of its stamp, or else of the transport, or else none', () => {
    const query = '?exchange[type]=direct&exchange[default_publish_routing_key]=normal';
    expect(publish().target).toEqual({ kind: 'exchange', routingKey: '' });
    expect(publish({ query }).target).toEqual({ kind: 'exchange', routingKey: 'normal' });
    const stamps = [new AmqpStamp('high')];
    expect(publish({ query, stamps }).target).toEqual({ kind: 'exchange', routingKey: 'high' });
  });

  it('is the queue it came from if it is a retry', () => {
    const query = '?queues[a][durable]=true&queues[b][durable]=true';
    const stamps = [received({}, 'b'), redelivery];
    expect(publish({ query, stamps }).target).toEqual({ kind: 'queue', queue: 'b' });
  });

  it('is the exchange if it came from a queue of another transport', () => {
    const stamps = [received({}, 'elsewhere'), redelivery];
    expect(publish({ stamps, path: 'failed' }).target).toEqual({ kind: 'exchange', routingKey: '' });
  });

  it('is the exchange if a received message is sent again without being a retry', () => {
    expect(publish({ stamps: [received()] }).target).toEqual({ kind: 'exchange', routingKey: '' });
  });

  it('must be reached where a queue is expected, unless the stamp says otherwise', () => {
    const optional = new AmqpStamp(undefined, { mandatory: false });
    const required = new AmqpStamp(undefined, { mandatory: true });
    expect(publish().mandatory).toBe(true);
    expect(publish({ stamps: [optional] }).mandatory).toBe(false);
    expect(publish({ query: '?queues=' }).mandatory).toBe(false);
    expect(publish({ query: '?queues=', stamps: [required] }).mandatory).toBe(true);
  });

  it('need not be reached at once if the plugin delays the message', () => {
    const query = '?delay[strategy]=plugin';
    expect(publish({ query, stamps: [new DelayStamp(5)] }).mandatory).toBe(false);
    expect(publish({ query }).mandatory).toBe(true);
  });
});

describe('the copy of a received message', () => {
  const copyOf = (parts: MessageParts, encoded?: EncodedEnvelope): AmqpOutgoing =>
    publish({ stamps: [received(parts), redelivery], ...(encoded && { encoded }) });

  it('keeps the properties it had, and gets none that it had not', () => {
    const properties = { priority: 7, correlationId: 'c', replyTo: 'r', appId: 'a', type: 't', timestamp: 5 };
    expect(copyOf({ properties }).properties).toMatchObject(properties);
    const without = copyOf({}).properties;
    expect(Object.keys(without).toSorted()).toEqual([
      'contentType',
      'deliveryMode',
      'headers',
      'messageId',
      'timestamp',
    ]);
    expect(without.timestamp).toBe(1_700_000_000);
  });

  it('is persistent even if the original was not', () => {
    expect(copyOf({ properties: { deliveryMode: 1 } }).properties.deliveryMode).toBe(2);
  });

  it('neither expires as the original did, nor claims its user', () => {
    const { properties } = copyOf({ properties: { expiration: '1', userId: 'someone' } });
    expect(properties).not.toHaveProperty('expiration');
    expect(properties).not.toHaveProperty('userId');
  });

  it('keeps the headers of others with their types, and not those of the broker', () => {
    const headers = {
      'x-request-id': 'r',
      attempt: 3,
      flag: true,
      'x-death': [{ count: 1 }],
      'x-first-death-queue': 'q',
      'x-delivery-count': 2,
      'x-delay': 5,
      CC: ['other'],
    };
    expect(copyOf({ properties: { headers } }).properties.headers).toEqual({
      'x-request-id': 'r',
      attempt: 3,
      flag: true,
      type: 'order.placed',
      'X-Stamp-a': '[{}]',
    });
  });

  it('has the stamps that were written anew, and not those it came with', () => {
    const headers = { type: 'old', 'X-Stamp-a': 'old', 'X-Stamp-gone': 'old', 'X-Quarantine': 'old' };
    expect(copyOf({ properties: { headers } }).properties.headers).toEqual({
      type: 'order.placed',
      'X-Stamp-a': '[{}]',
    });
  });

  it('keeps the types of headers that a serializer only passed on', () => {
    const parts = { properties: { headers: { type: 'a', attempt: 3, list: [1, 'b'] } } };
    const encoded = encodedOf(amqpMessage(parts));
    expect(copyOf(parts, encoded).properties.headers).toEqual({ attempt: 3, list: [1, 'b'], type: 'a' });
  });

  it('keeps the id under which a message without one was shown', () => {
    const parts = { content: 'foreign', properties: { messageId: '' } };
    expect(copyOf(parts).id).toBe(idOf(amqpMessage(parts)));
  });
});

describe('a message that was received', () => {
  it('has its content type among the headers again', () => {
    const { body, properties } = publish();
    const { headers, contentType } = properties;
    const message = amqpMessage({ content: body, properties: { headers: headers ?? {}, contentType } });
    expect(encodedOf(message)).toEqual(ENCODED);
  });

  it('may have no headers at all', () => {
    expect(encodedOf(amqpMessage({ properties: { headers: undefined } }))).toEqual({
      body: '{}',
      headers: {},
    });
  });

  it('does not take the property "type" for the header', () => {
    expect(encodedOf(amqpMessage({ properties: { type: 'order.placed' } })).headers).toEqual({});
  });

  it('has all headers as texts, without those of the broker', () => {
    const headers = {
      number: 1.5,
      flag: false,
      nothing: null,
      table: { a: [1] },
      time: { '!': 'timestamp', value: 5 },
      text: Buffer.from('é'),
      bytes: Buffer.from([0xff]),
      'x-death': [{ count: 1 }],
    };
    expect(encodedOf(amqpMessage({ properties: { headers } })).headers).toEqual({
      number: '1.5',
      flag: 'false',
      nothing: 'null',
      table: '{"a":[1]}',
      time: '5',
      text: 'é',
      bytes: 'data:;base64,/w==',
    });
  });

  it('has a body of bytes if it is no text', () => {
    const content = Buffer.from([0xff, 0]);
    expect(encodedOf(amqpMessage({ content })).body).toEqual(content);
  });

  it('may have a header that would change the prototype of an object', () => {
    const headers = JSON.parse('{"__proto__":"p","constructor":"c"}') as Record<string, string>;
    const encoded = encodedOf(amqpMessage({ properties: { headers } }));
    expect(Object.entries(encoded.headers)).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
    const sent = publish({ encoded }).properties.headers ?? {};
    expect(Object.entries(sent)).toContainEqual(['__proto__', 'p']);
  });
});

describe('the delivery count', () => {
  const countOf = (redelivered: boolean, count?: unknown): number =>
    deliveryCountOf(
      amqpMessage({
        fields: { redelivered },
        properties: { headers: count === undefined ? {} : { 'x-delivery-count': count } },
      }),
    );

  it('is that of a quorum queue', () => {
    expect([1, 2, 7].map((count) => countOf(true, count))).toEqual([2, 3, 8]);
  });

  it('is 2 for a message that a classic queue delivers again, and 1 for any other', () => {
    expect(countOf(true)).toBe(2);
    expect(countOf(false)).toBe(1);
    expect(countOf(false, 4)).toBe(1);
    expect(countOf(true, 'many')).toBe(2);
  });
});
