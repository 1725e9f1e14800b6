import { describe, expect, it } from 'vitest';
import { settingsFindings } from '../../../lib/transports/amqp/amqp.settings-findings.js';
import { resolveDsn } from './support/resolve-dsn.js';

const found = (options: Readonly<Record<string, unknown>>): readonly string[] =>
  settingsFindings(resolveDsn('amqp://localhost/%2f/orders', options)).map(
    ({ level, code }) => `${level} ${code}`,
  );
const queue = (settings: Readonly<Record<string, unknown>>): readonly string[] =>
  found({ queues: { orders: settings } });
const args = (values: Readonly<Record<string, unknown>>): readonly string[] => queue({ arguments: values });

describe('the settings of an AMQP transport', () => {
  it('are safe by default', () => expect(found({})).toEqual([]));

  it('may make what does not last', () => {
    expect(found({ exchange: { durable: false } })).toEqual(['loss amqp.exchange-durability']);
    expect(queue({ durable: false })).toEqual(['loss amqp.queue-durability']);
    expect(queue({ exclusive: true })).toEqual(['loss amqp.queue-exclusive']);
    expect(queue({ autoDelete: true })).toEqual(['loss amqp.queue-auto-delete']);
  });

  it('may have queues that drop messages, unless somebody keeps them', () => {
    expect(args({ 'x-max-length': 10 })).toEqual(['loss amqp.queue-max-length']);
    expect(args({ 'x-max-length-bytes': 10, 'x-overflow': 'drop-head' })).toEqual([
      'loss amqp.queue-max-length',
    ]);
    expect(args({ 'x-max-length': 10, 'x-overflow': 'reject-publish' })).toEqual([]);
    expect(args({ 'x-message-ttl': 10, 'x-expires': 10 })).toEqual([
      'loss amqp.queue-message-ttl',
      'loss amqp.queue-expires',
    ]);
    expect(args({ 'x-max-length': 10, 'x-message-ttl': 10, 'x-dead-letter-exchange': 'dead' })).toEqual([]);
  });

  it('may let a quorum queue drop what was delivered too often', () => {
    expect(args({ 'x-queue-type': 'quorum' })).toEqual(['advice amqp.queue-delivery-limit']);
    expect(args({ 'x-queue-type': 'quorum', 'x-delivery-limit': -1 })).toEqual([]);
  });

  it('may publish to queues that nobody knows, and delay by a plugin', () => {
    expect(found({ queues: false, delay: { strategy: 'plugin' } })).toEqual([
      'advice amqp.unroutable',
      'advice amqp.delay-plugin',
    ]);
  });
});
