import { inspect } from 'node:util';
import type { MessengerOptions } from 'nestjs-messenger';
import { describe, expect, it } from 'vitest';
import { resolveMessengerOptions } from '../../lib/module/resolve-options.js';

class OrderPlaced {}

const MEMORY = 'in-memory://';

function thrownBy(options: unknown): Error & { readonly code?: string } {
  try {
    resolveMessengerOptions(options as MessengerOptions);
  } catch (error) {
    return error as Error;
  }
  return new Error('Nothing was thrown.');
}

const transport = (options: object): MessengerOptions => ({
  transports: { async: { dsn: MEMORY, ...options }, other: MEMORY },
});

describe('the options that are left out', () => {
  it('have the defaults that are documented', () => {
    const resolved = resolveMessengerOptions({});

    expect(resolved).toMatchObject({
      defaultBus: 'default',
      routing: [],
      messages: [],
      stamps: [],
      workers: [],
      maxDeliveries: 5,
      transportFactories: [],
    });
    expect(resolved.buses.get('default')).toEqual({
      name: 'default',
      middleware: [],
      allowNoHandlers: false,
      allowNoSenders: true,
      defaultMiddleware: true,
    });
  });

  it('give every transport the retries of Symfony and the failure transport of the module', () => {
    const { transports } = resolveMessengerOptions({
      transports: {
        async: MEMORY,
        high: { dsn: MEMORY, failureTransport: 'failed_high' },
        failed: MEMORY,
        failed_high: MEMORY,
      },
      failureTransport: 'failed',
    });

    expect(transports.get('async')).toMatchObject({
      failureTransport: 'failed',
      retryStrategy: { options: { maxRetries: 3, delay: 1000, multiplier: 2, maxDelay: 0, jitter: 0.1 } },
    });
    expect(transports.get('high')?.failureTransport).toBe('failed_high');
  });

  it('leave retry strategies and classes of strategies as they are', () => {
    class MyStrategy {
      isRetryable(): boolean {
        return false;
      }
      waitingTime(): number {
        return 0;
      }
    }
    const instance = new MyStrategy();

    expect(
      resolveMessengerOptions(transport({ retry: instance })).transports.get('async')?.retryStrategy,
    ).toBe(instance);
    expect(
      resolveMessengerOptions(transport({ retry: MyStrategy })).transports.get('async')?.retryStrategy,
    ).toBe(MyStrategy);
  });
});

describe('an unknown key is refused, with the nearest known one:', () => {
  it.each([
    [
      'of the module',
      { transport: {} },
      'MessengerModule: unknown option "transport". Did you mean "transports"?',
    ],
    [
      'of a transport',
      transport({ dns: 'x' }),
      'Transport "async": unknown option "dns". Did you mean "dsn"?',
    ],
    [
      'of a retry strategy',
      transport({ retry: { max_retries: 3 } }),
      'Transport "async", "retry": unknown option "max_retries". Did you mean "maxRetries"?',
    ],
    [
      'of a rate limit',
      transport({ rateLimit: { limt: 3 } }),
      'Transport "async", "rateLimit": unknown option "limt". Did you mean "limit"?',
    ],
    [
      'of a bus',
      { buses: { event: { allowNoHandler: true } } },
      'Bus "event": unknown option "allowNoHandler". Did you mean "allowNoHandlers"?',
    ],
    [
      'of a worker',
      { ...transport({}), workers: [{ receivers: ['async'], concurency: 2 }] },
      'Worker no. 1 of "workers": unknown option "concurency". Did you mean "concurrency"?',
    ],
  ])('%s', (_, options, text) => {
    const error = thrownBy(options);

    expect(error.code).toBe('MESSENGER_UNKNOWN_OPTION');
    expect(error.message).toContain(text);
  });
});

describe('a wrong value is refused:', () => {
  it.each([
    [
      'a transport without a DSN',
      { transports: { async: undefined } },
      'Transport "async": option "dsn" must be a text such as "sqlite:var/messenger.db", got undefined; if it comes from an environment variable, see whether that is set.',
    ],
    ['an empty DSN', { transports: { async: '' } }, 'got an empty one'],
    [
      'transports in a list',
      { transports: ['async'] },
      'MessengerModule: option "transports" must be an object, with the names as its keys, got a list.',
    ],
    [
      'options that are no object',
      transport({ options: 'x' }),
      'Transport "async": option "options" must be an object',
    ],
    [
      'a rate limit without interval',
      transport({ rateLimit: { limit: 3 } }),
      'Transport "async", "rateLimit": option "interval" is missing.',
    ],
    [
      'a rate limit of zero',
      transport({ rateLimit: { limit: 0, interval: 1 } }),
      'option "limit" must be a whole number from 1 up, got 0.',
    ],
    [
      'a switch that is no boolean',
      { buses: { event: { allowNoHandlers: 'yes' } } },
      'Bus "event": option "allowNoHandlers" must be true or false, got "yes".',
    ],
    [
      'middleware that is no list',
      { buses: { event: { middleware: {} } } },
      'Bus "event": option "middleware" must be a list',
    ],
    [
      'maxDeliveries of zero',
      { maxDeliveries: 0 },
      'MessengerModule: option "maxDeliveries" must be a whole number from 1 up, got 0.',
    ],
    [
      'a message that is undefined',
      { messages: [OrderPlaced, undefined] },
      'option "messages" must be a list of classes; no. 2 is undefined. Most likely its file and ' +
        'this one import each other: move the class to a file of its own.',
    ],
    [
      'stamps that are no classes',
      { stamps: ['tenant'] },
      'option "stamps" must be a list of classes; no. 1 is a value of type "string".',
    ],
    [
      'a route that is no pair',
      { routing: [OrderPlaced] },
      'option "routing" must be a list of pairs such as [OrderPlaced, "async"], which no. 1 is not.',
    ],
    [
      'a route of nothing',
      { ...transport({}), routing: [[undefined, 'async']] },
      'no. 1 routes undefined. Most likely its file and this one import each other: ' +
        'move the class to a file of its own.',
    ],
    [
      'a worker without receivers',
      { ...transport({}), workers: [{ receivers: [] }] },
      'Worker no. 1 of "workers": option "receivers" must be a list of transport names that is not empty.',
    ],
    [
      'a worker option out of range',
      { ...transport({}), workers: [{ receivers: ['async'], concurrency: 0 }] },
      'option "concurrency" must be a whole number from 1 up, got 0.',
    ],
  ])('%s', (_, options, text) => {
    const error = thrownBy(options);

    expect(error.code).toBe('MESSENGER_INVALID_OPTION');
    expect(error.message).toContain(text);
    expect(error.message).toMatch(/\.$/);
  });

  it('a retry setting out of range', () => {
    expect(thrownBy(transport({ retry: { multiplier: 0 } }))).toMatchObject({
      code: 'MESSENGER_INVALID_RETRY_STRATEGY',
      message: 'Transport "async", "retry": "multiplier" must be 1 or more, got 0.',
    });
  });
});

describe('what does not fit together is refused:', () => {
  it('a failure transport that does not exist', () => {
    expect(thrownBy({ transports: { async: MEMORY }, failureTransport: 'faild' })).toMatchObject({
      code: 'MESSENGER_UNKNOWN_TRANSPORT',
      message: 'MessengerModule, "failureTransport": unknown transport "faild". Known transports: "async".',
    });
    expect(thrownBy(transport({ failureTransport: 'faild' })).message).toBe(
      'Transport "async", "failureTransport": unknown transport "faild". Known transports: "async", "other".',
    );
  });

  it('a transport for locks that does not exist', () => {
    expect(thrownBy({ ...transport({}), deduplication: 'asinc' }).message).toBe(
      'MessengerModule, "deduplication": unknown transport "asinc". Known transports: "async", "other".',
    );
  });

  it('a failure transport that keeps nothing, or that is the transport itself', () => {
    const sync = { transports: { async: MEMORY, failed: 'sync://' } };

    expect(thrownBy({ ...sync, failureTransport: 'failed' })).toMatchObject({
      code: 'MESSENGER_INVALID_FAILURE_TRANSPORT',
      message:
        'Transport "failed" cannot be a failure transport since "sync://" keeps no messages. ' +
        'Use one that stores them, "sqlite:" for instance.',
    });
    expect(thrownBy(transport({ failureTransport: 'async' }))).toMatchObject({
      code: 'MESSENGER_INVALID_FAILURE_TRANSPORT',
      message: expect.stringContaining('of itself') as string,
    });
  });

  it('a route to a transport that does not exist, to none, or of a broken pattern', () => {
    const routed = (...route: readonly unknown[]) => thrownBy({ ...transport({}), routing: [route] });

    expect(routed(OrderPlaced, ['async', 'asnyc'])).toMatchObject({
      code: 'MESSENGER_UNKNOWN_TRANSPORT',
      message: 'The route of "OrderPlaced": unknown transport "asnyc". Known transports: "async", "other".',
    });
    expect(routed(OrderPlaced, [])).toMatchObject({ code: 'MESSENGER_EMPTY_ROUTE' });
    expect(routed('*.done', 'async')).toMatchObject({ code: 'MESSENGER_INVALID_PATTERN' });
  });

  it('several buses without a default, or a default that is none of them', () => {
    const buses = { command: {}, event: {} };

    expect(thrownBy({ buses })).toMatchObject({
      code: 'MESSENGER_MISSING_DEFAULT_BUS',
      message:
        'MessengerModule: there are 2 buses ("command", "event"), and "defaultBus" does not say which of them is ' +
        'injected as MessageBus. Set it to one of them.',
    });
    expect(thrownBy({ buses, defaultBus: 'query' })).toMatchObject({ code: 'MESSENGER_UNKNOWN_BUS' });
  });

  it('a worker of unknown transports or buses, or of one that stores nothing', () => {
    const workers = (worker: object) =>
      thrownBy({ transports: { async: MEMORY, sync: 'sync://' }, workers: [worker] });

    expect(workers({ receivers: ['asnyc'] })).toMatchObject({ code: 'MESSENGER_UNKNOWN_TRANSPORT' });
    expect(workers({ receivers: ['sync'] })).toMatchObject({ code: 'MESSENGER_NOT_CONSUMABLE' });
    expect(workers({ receivers: ['async'], bus: 'event' })).toMatchObject({ code: 'MESSENGER_UNKNOWN_BUS' });
  });
});

describe('secrets', () => {
  const SECRET = 'hunter2';
  const options: MessengerOptions = {
    transports: {
      async: {
        dsn: `in-memory://ada:${SECRET}@host/path?password=${SECRET}`,
        options: { password: SECRET },
      },
    },
  };

  it('are shown by nothing that prints the resolved options', () => {
    const resolved = resolveMessengerOptions(options);
    const shown =
      inspect(resolved, { depth: 20, showHidden: true }) + JSON.stringify([...resolved.transports]);

    expect(resolved.transports.get('async')?.options).toEqual({ password: SECRET });
    expect(shown).not.toContain(SECRET);
  });

  it.each([
    ['no scheme', { transports: { async: `//ada:${SECRET}@host` } }],
    ['a broken escape', { transports: { async: `redis://ada:${SECRET}@host?x=%zz` } }],
    [
      'another mistake of the transport',
      { transports: { async: { ...(options.transports?.['async'] as object), retri: 1 } } },
    ],
    ['another mistake of the module', { ...options, routes: [] }],
  ])('are in no error: %s', (_, wrong) => {
    const error = thrownBy(wrong);

    expect(error.code).toMatch(/^MESSENGER_/);
    expect(inspect(error, { depth: 20 })).not.toContain(SECRET);
  });
});
