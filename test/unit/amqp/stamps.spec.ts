import { describe, expect, it } from 'vitest';
import { NonSendableStamp } from '../../../lib/envelope/stamp.js';
import { InvalidStampError } from '../../../lib/errors/invalid-stamp.error.js';
import {
  type AmqpAttributes,
  type AmqpFlags,
  AmqpPriorityStamp,
  AmqpReceivedStamp,
  AmqpStamp,
} from '../../../lib/transports/amqp/amqp.stamps.js';
import { amqpMessage, deliveryOf } from './support/amqp-message.js';

const attributes = (value: unknown): AmqpAttributes => value as AmqpAttributes;

describe('AmqpStamp', () => {
  it('holds a routing key, flags and properties, all of which may be left out', () => {
    expect(new AmqpStamp()).toMatchObject({ routingKey: undefined, flags: {}, attributes: {} });
    expect(new AmqpStamp('', { mandatory: false }, { priority: 0, headers: { a: 1 } })).toMatchObject({
      routingKey: '',
      flags: { mandatory: false },
      attributes: { priority: 0, headers: { a: 1 } },
    });
  });

  it('does not travel', () => {
    expect(new AmqpStamp('high')).toBeInstanceOf(NonSendableStamp);
    expect(new AmqpPriorityStamp(1)).toBeInstanceOf(NonSendableStamp);
  });

  it.each([
    [{ content_type: 'a/b' }, 'unknown attribute "content_type"; known are "contentType", '],
    [{ priority: 256 }, 'the priority must be an integer from 0 to 255, got 256'],
    [{ priority: 0.5 }, 'the priority must be an integer from 0 to 255, got 0.5'],
    [{ deliveryMode: 3 }, '"deliveryMode" must be 1 (in memory) or 2 (on disk), got 3'],
    [{ timestamp: 1.5 }, '"timestamp" must be in whole seconds since 1970, got 1.5'],
    [{ expiration: '1s' }, '"expiration" must be in whole milliseconds, 0 or more, got "1s"'],
    [{ expiration: -1 }, '"expiration" must be in whole milliseconds, 0 or more, got -1'],
    [{ headers: [] }, '"headers" must be an object, got a value of type "object"'],
    [{ headers: { ['h'.repeat(256)]: 1 } }, 'the name of a header may have 255 bytes, got one of 256 bytes'],
    [
      { correlationId: 'é'.repeat(128) },
      '"correlationId" must be a text of at most 255 bytes, got one of 256 bytes',
    ],
    [{ appId: 5 }, '"appId" must be a text of at most 255 bytes, got 5'],
  ])('refuses what AMQP cannot represent: %j', (value, text) => {
    expect(() => new AmqpStamp(undefined, {}, attributes(value))).toThrow(InvalidStampError);
    expect(() => new AmqpStamp(undefined, {}, attributes(value))).toThrow(text);
  });

  it('refuses a routing key that AMQP cannot represent, and flags nobody reads', () => {
    expect(() => new AmqpStamp('k'.repeat(255))).not.toThrow();
    expect(() => new AmqpStamp('k'.repeat(256))).toThrow('"routingKey" must be a text of at most 255 bytes');
    expect(() => new AmqpStamp('k', { immediate: true } as AmqpFlags)).toThrow(
      'unknown flag "immediate"; known are "mandatory"',
    );
  });
});

describe('AmqpPriorityStamp', () => {
  it.each([0, 255])('takes %d', (priority) => {
    expect(new AmqpPriorityStamp(priority).priority).toBe(priority);
  });

  it.each([-1, 256, 1.5, Number.NaN])('refuses %d', (priority) => {
    expect(() => new AmqpPriorityStamp(priority)).toThrow(InvalidStampError);
  });
});

describe('AmqpReceivedStamp', () => {
  it('shows how the message was delivered', () => {
    const message = amqpMessage({
      fields: { exchange: 'orders', routingKey: 'high', redelivered: true },
      properties: { priority: 3 },
    });
    const stamp = new AmqpReceivedStamp(deliveryOf(message, 'urgent'));
    expect(stamp.queueName).toBe('urgent');
    expect(stamp.exchange).toBe('orders');
    expect(stamp.routingKey).toBe('high');
    expect(stamp.redelivered).toBe(true);
    expect(stamp.properties.priority).toBe(3);
  });
});
