import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import type { QueueOptions } from '../../../lib/transports/amqp/amqp.queue-options.js';
import { errorOf, resolveDsn } from './support/resolve-dsn.js';

const namesOf = (dsn: string, options = {}): readonly string[] => [...resolveDsn(dsn, options).queues.keys()];
const queueOf = (dsn: string, options = {}): QueueOptions | undefined =>
  [...resolveDsn(dsn, options).queues.values()][0];

describe('the queues of an AMQP transport', () => {
  it.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['amqp://', {}, ['messages']],
    ['amqp://h/v/orders', {}, ['orders']],
    ['amqp://h/v/orders', { exchange: { name: 'shop' } }, ['orders']],
    ['amqp://h/v/orders?queues=true', {}, ['orders']],
    ['amqp://h/v/orders?queues[a]&queues[b][flags]=2', {}, ['a', 'b']],
    ['amqp://h?queues[a]', { queues: { b: null } }, ['a', 'b']],
    ['amqp://h?queues[a]', { queues: ['b', 'c'] }, ['a', 'b', 'c']],
    ['amqp://h?queues=false', { queues: { b: {} } }, ['b']],
    ['amqp://h?queues[a]', { queues: true }, ['messages']],
    ['amqp://', { queues: { 'a.b': {}, 'c d': [] } }, ['a.b', 'c d']],
    ['amqp://', { queues: null }, ['messages']],
  ])('of "%s" with the options %o are %o', (dsn, options, expected) => {
    expect(namesOf(dsn, options)).toEqual(expected);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['amqp://', { queues: [] }],
    ['amqp://', { queues: {} }],
    ['amqp://', { queues: false }],
    ['amqp:?queues=false', {}],
    ['amqp:?queues=0', {}],
    ['amqp:?queues=', {}],
    ['amqp:?queues[a]', { queues: false }],
  ])('of "%s" with the options %o are none', (dsn, options) => {
    expect(namesOf(dsn, options)).toEqual([]);
  });

  it('have keys and arguments from a DSN, which has only texts', () => {
    const dsn =
      'amqp:?queues[a][binding_keys][0]=x&queues[a][binding_keys][1]=y&queues[a][binding_arguments][x-match]=all' +
      '&queues[a][arguments][x-message-ttl]=60000&queues[a][arguments][x-queue-type]=quorum' +
      '&queues[a][arguments][x-single-active-consumer]=true&queues[a][arguments][x-dead-letter-routing-key]=7';

    expect(queueOf(dsn)).toMatchObject({
      bindingKeys: ['x', 'y'],
      bindingArguments: { 'x-match': 'all' },
      arguments: {
        'x-message-ttl': 60_000,
        'x-queue-type': 'quorum',
        'x-single-active-consumer': true,
        'x-dead-letter-routing-key': '7',
      },
    });
  });

  it('pass on what newer brokers understand: retries that the broker delays, and deliveries without a limit', () => {
    const dsn =
      'amqp:?queues[a][arguments][x-delayed-retry-type]=failed&queues[a][arguments][x-delayed-retry-min]=1000' +
      '&queues[a][arguments][x-delayed-retry-max]=60000&queues[a][arguments][x-delivery-limit]=-1';

    expect(queueOf(dsn)?.arguments).toEqual({
      'x-delayed-retry-type': 'failed',
      'x-delayed-retry-min': 1000,
      'x-delayed-retry-max': 60_000,
      'x-delivery-limit': -1,
    });
  });

  it.each<[unknown, readonly string[]]>([
    ['x', ['x']],
    [
      ['x', 'y'],
      ['x', 'y'],
    ],
    [[null], ['']],
    [[7], ['7']],
    [[], []],
  ])('are bound by the keys %o', (binding_keys, expected) => {
    expect(queueOf('amqp:', { queues: { a: { binding_keys } } })?.bindingKeys).toEqual(expected);
  });

  it('mix what a DSN and options say of one queue', () => {
    const dsn = 'amqp:?queues[a][binding_keys]=x&queues[a][arguments][x-max-length]=5';

    expect(queueOf(dsn, { queues: { a: { bindingKeys: ['y'] } } })).toMatchObject({
      bindingKeys: ['y'],
      arguments: { 'x-max-length': 5 },
    });
  });

  it.each<[object, string]>([
    [{ durable: true }, 'durable'],
    [{ flags: 0 }, ''],
    [{ flags: 2 }, 'durable'],
    [{ flags: 16 }, 'autoDelete'],
    [{ flags: 18 }, 'durable autoDelete'],
    [{ flags: '8' }, 'exclusive'],
    [{ flags: 6 }, 'durable passive'],
    [{ durable: false }, ''],
    [{ auto_delete: true }, 'durable autoDelete'],
    [{ exclusive: 'yes', durable: 'no' }, 'exclusive'],
    [{ passive: true }, 'durable passive'],
  ])('with %o are: %s', (settings, expected) => {
    const { durable, exclusive, autoDelete, passive } = queueOf('amqp:', { queues: { a: settings } }) ?? {};
    const set = Object.entries({ durable, exclusive, autoDelete, passive }).filter(([, value]) => value);

    expect(set.map(([name]) => name).join(' ')).toBe(expected);
  });

  it.each<[unknown, string]>([
    ['orders', 'option "queues" must be an object of queues by name, a list of names, or false for none'],
    [7, 'option "queues" must be an object of queues'],
    [[''], 'option "queues[0]" must be a text that is not empty'],
    [[{ name: 'a' }], 'option "queues[0]" must be a text that is not empty'],
    [{ '': {} }, 'option "queues" has a queue without a name'],
    [{ a: 'b' }, 'option "queues[a]" must be an object; in a DSN, write "queues[a][binding_keys]=…"'],
    [{ a: { flags: 32 } }, 'option "queues[a][flags]" must be a sum of 2 (durable), 8 (exclusive), 16'],
    [{ a: { flags: 2, durable: true } }, 'option "queues[a][flags]" says what "durable" says too'],
    [
      { a: { arguments: { 'x-message-ttl': 'long' } } },
      'option "queues[a][arguments]" has "x-message-ttl", which must be a number from 0 up, got "long"',
    ],
    [
      { a: { arguments: { 'x-delivery-limit': -2 } } },
      'has "x-delivery-limit", which must be a number from -1 up',
    ],
    [{ a: { arguments: ['x'] } }, 'option "queues[a][arguments]" must be an object'],
    [{ a: { binding_keys: [{}] } }, 'option "queues[a][binding_keys]" must be a text, or a list of texts'],
    [{ a: { binding_arguments: 'x' } }, 'option "queues[a][binding_arguments]" must be an object'],
    [{ ['a'.repeat(256)]: {} }, 'must have at most 255 bytes, got 256'],
  ])('cannot be %o', (queues, reason) => {
    const error = errorOf(() => resolveDsn('amqp:', { queues }));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toContain(reason);
  });
});

describe('the exchange of an AMQP transport', () => {
  it('is read from a DSN and from options, setting by setting', () => {
    const dsn =
      'amqp://h/v/orders?exchange[type]=topic&exchange[default_publish_routing_key]=a.b&exchange[flags]=18' +
      '&exchange[arguments][alternate-exchange]=rest&exchange[bindings][source][binding_keys][0]=k';

    expect(resolveDsn(dsn, { exchange: { type: 'direct' } }).exchange).toEqual({
      name: 'orders',
      type: 'direct',
      durable: true,
      autoDelete: true,
      internal: false,
      passive: false,
      arguments: { 'alternate-exchange': 'rest' },
      defaultPublishRoutingKey: 'a.b',
      bindings: { source: { bindingKeys: ['k'], bindingArguments: {} } },
    });
  });

  it('may be bound to others without a key', () => {
    const bindings = { a: null, b: { binding_arguments: { 'x-match': 'any' } } };

    expect(resolveDsn('amqp:', { exchange: { bindings } }).exchange.bindings).toEqual({
      a: { bindingKeys: [''], bindingArguments: {} },
      b: { bindingKeys: [''], bindingArguments: { 'x-match': 'any' } },
    });
  });

  it.each<[object, object]>([
    [{ flags: 0 }, { durable: false, internal: false }],
    [{ flags: 34 }, { durable: true, internal: true }],
    [
      { internal: true, durable: false },
      { durable: false, internal: true },
    ],
    [{ flags: 4 }, { passive: true, durable: false }],
    [{ auto_delete: 1 }, { autoDelete: true, durable: true }],
  ])('has the flags of %o', (settings, expected) => {
    expect(resolveDsn('amqp:', { exchange: settings }).exchange).toMatchObject(expected);
  });

  it('cannot be exclusive, which only queues are', () => {
    const error = errorOf(() => resolveDsn('amqp:?exchange[flags]=8'));

    expect(error.message).toContain(
      'must be a sum of 2 (durable), 16 (autoDelete), 32 (internal), 4 (passive)',
    );
  });
});

describe('the default exchange of AMQP', () => {
  const dsn = 'amqp://h/%2f?exchange[name]=';

  it('has an empty name, and nothing is bound to it', () => {
    expect(resolveDsn(dsn).exchange.name).toBe('');
    expect(queueOf(dsn)?.bindingKeys).toEqual([]);
    expect(errorOf(() => resolveDsn(`${dsn}&queues[a][binding_keys][0]=x`)).message).toContain(
      'option "queues[a][binding_keys]" cannot be used with the default exchange',
    );
  });
});
