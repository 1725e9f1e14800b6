import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { UnknownOptionError } from '../../../lib/errors/unknown-option.error.js';
import { nestQuery } from '../../../lib/transports/amqp/amqp.query.js';
import { errorOf, resolveDsn } from './support/resolve-dsn.js';

describe('the query of an AMQP DSN', () => {
  it.each<[ReadonlyArray<readonly [string, string]>, object]>([
    [[['heartbeat', '5']], { heartbeat: '5' }],
    [[['exchange[name]', 'a']], { exchange: { name: 'a' } }],
    [[['queues[a.b][binding_keys][0]', 'x']], { queues: { 'a.b': { binding_keys: { 0: 'x' } } } }],
    [
      [
        ['hosts[]', 'a'],
        ['hosts[]', 'b'],
      ],
      { hosts: { 0: 'a', 1: 'b' } },
    ],
    [
      [
        ['a[x]', '1'],
        ['a[y]', '2'],
        ['a[x]', '3'],
      ],
      { a: { x: '3', y: '2' } },
    ],
    [
      [
        ['queues', 'false'],
        ['queues[a]', ''],
      ],
      { queues: { a: '' } },
    ],
    [[['a]b', '1']], { 'a]b': '1' }],
    [[['a[b', '1']], { 'a[b': '1' }],
    [[['[a]', '1']], { '[a]': '1' }],
  ])('%o is %o', (query, expected) => {
    expect(nestQuery(query)).toEqual(expected);
  });

  it('may have keys that objects have anyway', () => {
    const queues = nestQuery([['queues[__proto__][flags]', '2']])['queues'] as object;

    expect(Object.keys(queues)).toEqual(['__proto__']);
    expect(({} as { flags?: unknown }).flags).toBeUndefined();
  });
});

describe('the options of an AMQP transport', () => {
  it('are those of Symfony by default, with confirms and a heartbeat', () => {
    expect(resolveDsn('amqp://localhost/%2f/orders')).toEqual({
      endpoint: {
        hosts: [{ host: 'localhost', port: 5672 }],
        vhost: '/',
        user: 'guest',
        password: 'guest',
        heartbeat: 30,
        connectTimeout: 10_000,
      },
      exchange: {
        name: 'orders',
        type: 'fanout',
        durable: true,
        autoDelete: false,
        internal: false,
        passive: false,
        arguments: {},
        bindings: {},
      },
      queues: new Map([
        [
          'orders',
          {
            bindingKeys: [''],
            bindingArguments: {},
            arguments: {},
            durable: true,
            exclusive: false,
            autoDelete: false,
            passive: false,
          },
        ],
      ]),
      delay: {
        exchangeName: 'delays',
        queueNamePattern: 'delay_%exchange_name%_%routing_key%_%delay%',
        arguments: {},
        dailyDelayQueues: false,
        granularity: 'two-digits',
        strategy: 'queues',
      },
      autoSetup: true,
      prefetchCount: 0,
      confirmTimeout: 10_000,
      blockedTimeout: 10_000,
    });
  });

  it('have times in seconds, which may be fractions', () => {
    const { endpoint, confirmTimeout, blockedTimeout } = resolveDsn(
      'amqp:?connect_timeout=1.5&read_timeout=90&write_timeout=8&rpc_timeout=2&heartbeat=5&confirm_timeout=0.25',
      { blockedTimeout: 3 },
    );

    expect(endpoint).toMatchObject({
      connectTimeout: 1500,
      readTimeout: 90_000,
      writeTimeout: 8000,
      rpcTimeout: 2000,
      heartbeat: 5,
    });
    expect({ confirmTimeout, blockedTimeout }).toEqual({ confirmTimeout: 250, blockedTimeout: 3000 });
  });

  it('take 0 for the default of a time, except of one that may be nothing', () => {
    const zero = {
      connect_timeout: 0,
      read_timeout: 0,
      heartbeat: 0,
      confirm_timeout: 0,
      blocked_timeout: 0,
    };
    const { endpoint, confirmTimeout, blockedTimeout } = resolveDsn('amqp:', zero);

    expect(endpoint).toMatchObject({ connectTimeout: 10_000, heartbeat: 0 });
    expect(endpoint).not.toHaveProperty('readTimeout');
    expect({ confirmTimeout, blockedTimeout }).toEqual({ confirmTimeout: 10_000, blockedTimeout: 0 });
  });

  it('may tune the connection', () => {
    const { endpoint } = resolveDsn('amqp:?frame_max=8192&channel_max=16&connection_name=shop&sasl_method=0');

    expect(endpoint).toMatchObject({ frameMax: 8192, channelMax: 16, connectionName: 'shop' });
  });

  it('win over the query, in either case, and what is null says nothing', () => {
    const options = { prefetch_count: 7, autoSetup: false, confirm_timeout: null };
    const resolved = resolveDsn('amqp:?prefetch_count=5&auto_setup=1&confirm_timeout=2', options);

    expect(resolved).toMatchObject({ prefetchCount: 7, autoSetup: false, confirmTimeout: 2000 });
  });

  it('may be some of PHP that mean nothing here', () => {
    const query = 'persistent=false&retry=3&sasl_method=plain';

    expect(() => resolveDsn(`amqp:?${query}`, { retry: { attempts: 3 } })).not.toThrow();
  });

  it.each([
    ['prefetchcount=1', 'prefetchcount', 'prefetchCount'],
    ['hearbeat=1', 'hearbeat', 'heartbeat'],
    ['exchange[nam]=a', 'exchange[nam]', 'name'],
    ['exchange[routing_key]=a', 'exchange[routing_key]', undefined],
    ['queues[a][binding_key]=a', 'queues[a][binding_key]', 'bindingKeys'],
    ['queues[a][internal]=1', 'queues[a][internal]', undefined],
    ['exchange[exclusive]=1', 'exchange[exclusive]', undefined],
    ['exchange[bindings][a][binding_key]=a', 'exchange[bindings][a][binding_key]', 'bindingKeys'],
    ['delay[exchange]=a', 'delay[exchange]', 'exchangeName'],
    ['delay[granularitty]=exact', 'delay[granularitty]', 'granularity'],
  ])('that nobody knows are refused with the nearest that is known: %s', (query, option, nearest) => {
    const error = errorOf(() => resolveDsn(`amqp:?${query}`));

    expect(error).toBeInstanceOf(UnknownOptionError);
    expect(error).toMatchObject({ where: 'Transport "async"', option, nearest });
  });

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ port: 0 }, 'option "port" must be a number from 1 to 65535'],
    [{ heartbeat: 0.5 }, 'option "heartbeat" must be a whole number'],
    [{ prefetch_count: 65_536 }, 'option "prefetch_count" must be a number from 0 to 65535'],
    [{ confirm_timeout: -1 }, 'option "confirm_timeout" must be a number from 0'],
    [{ frame_max: 100 }, 'option "frame_max" must be 0, or 4096 at least, got 100'],
    [{ sasl_method: 'ntlm' }, 'option "sasl_method" must be "plain" (or 0) or "external" (or 1)'],
    [
      { sasl_method: 1 },
      'option "sasl_method" is "external", which logs in by a certificate; write the DSN with "amqps:"',
    ],
    [{ vhost: '' }, 'option "vhost" must be a text that is not empty'],
    [{ auto_setup: 'maybe' }, 'option "auto_setup" must be true or false'],
    [{ exchange: 'orders' }, 'option "exchange" must be an object; in a DSN, write "exchange[name]=…"'],
    [{ exchange: { name: 7 } }, 'option "exchange[name]" must be a text'],
    [{ exchange: { name: 'é'.repeat(128) } }, 'option "exchange[name]" must have at most 255 bytes, got 256'],
    [{ exchange: { type: '' } }, 'option "exchange[type]" must be a text that is not empty'],
    [{ exchange: { bindings: [] } }, 'option "exchange[bindings]" must be an object'],
    [{ exchange: { name: '', bindings: { a: {} } } }, 'option "exchange[bindings]" cannot be used with the'],
    [{ delay: [] }, 'option "delay" must be an object'],
    [{ delay: { strategy: 'magic' } }, 'option "delay[strategy]" must be one of "queues", "plugin"'],
    [{ delay: { queue_name_pattern: 'x' } }, 'option "delay[queue_name_pattern]" must contain "%delay%"'],
    [{ delay: { exchange_name: '' } }, 'option "delay[exchange_name]" must be a text that is not empty'],
    [{ delay: { exchange_name: 'messages' } }, 'option "delay[exchange_name]" is "messages", which is the'],
  ])('with a wrong value are refused: %o', (options, reason) => {
    const error = errorOf(() => resolveDsn('amqp:', options));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toContain(`Transport "async": ${reason}`);
  });
});

describe('the option "delay" of an AMQP transport', () => {
  it('is read from a DSN and from options, setting by setting', () => {
    const dsn = 'amqp:?delay[exchange_name]=later&delay[arguments][x-max-length]=5&delay[granularity]=exact';

    expect(resolveDsn(dsn, { delay: { granularity: 'two-digits', strategy: 'plugin' } }).delay).toEqual({
      exchangeName: 'later',
      queueNamePattern: 'delay_%exchange_name%_%routing_key%_%delay%',
      arguments: { 'x-max-length': 5 },
      dailyDelayQueues: false,
      granularity: 'two-digits',
      strategy: 'plugin',
    });
  });

  it('gives quorum queues a new name each day, unless it is told otherwise', () => {
    const quorum = { arguments: { 'x-queue-type': 'quorum' } };

    expect(resolveDsn('amqp:', { delay: quorum }).delay.dailyDelayQueues).toBe(true);
    expect(
      resolveDsn('amqp:', { delay: { ...quorum, daily_delay_queues: false } }).delay.dailyDelayQueues,
    ).toBe(false);
    expect(resolveDsn('amqp:?delay[daily_delay_queues]=1').delay.dailyDelayQueues).toBe(true);
  });
});
