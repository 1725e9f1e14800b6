import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, delayQueueOf, longestDelayOf } from '../../../lib/transports/amqp/amqp.delays.js';
import type { DelayOptions } from '../../../lib/transports/amqp/amqp.delay-options.js';

const NOON = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 24 * 3600 * 1000;

function delayOptions(differences: Partial<DelayOptions> = {}): DelayOptions {
  return {
    exchangeName: 'delays',
    queueNamePattern: 'delay_%exchange_name%_%routing_key%_%delay%',
    arguments: {},
    dailyDelayQueues: false,
    granularity: 'two-digits',
    strategy: 'queues',
    ...differences,
  };
}

const toExchange = (routingKey: string) => ({ exchange: 'orders', routingKey, isRetry: false });
const toQueue = (queue: string) => ({ exchange: '', routingKey: queue, isRetry: true });

describe('The rounding of a delay', () => {
  const delay = fc.double({ min: 0.001, max: 315_000_000_000, noNaN: true });

  it('never makes a message early', () => {
    fc.assert(
      fc.property(delay, fc.constantFrom('exact', 'two-digits'), (ms, granularity) => {
        expect(bucketOf(ms, granularity)).toBeGreaterThanOrEqual(ms);
      }),
    );
  });

  it('makes a message at most a tenth late, or 10 ms where that is more', () => {
    fc.assert(
      fc.property(delay, (ms) => {
        const whole = Math.ceil(ms);
        expect(bucketOf(ms, 'two-digits') - whole).toBeLessThan(Math.max(10, whole / 10));
      }),
    );
  });

  it('keeps the order of delays', () => {
    fc.assert(
      fc.property(delay, delay, (one, other) => {
        const [short, long] = one < other ? [one, other] : [other, one];
        expect(bucketOf(short, 'two-digits')).toBeLessThanOrEqual(bucketOf(long, 'two-digits'));
      }),
    );
  });

  it('rounds what is rounded to itself', () => {
    fc.assert(
      fc.property(delay, (ms) => {
        const bucket = bucketOf(ms, 'two-digits');
        expect(bucketOf(bucket, 'two-digits')).toBe(bucket);
      }),
    );
  });

  it('leaves few delays: 90 from one to its tenfold', () => {
    const buckets = new Set(Array.from({ length: 9000 }, (_, index) => bucketOf(1001 + index, 'two-digits')));
    expect(buckets.size).toBe(90);
  });

  it.each([
    [1, 10],
    [10, 10],
    [11, 20],
    [99, 100],
    [100, 100],
    [101, 110],
    [999, 1000],
    [1000, 1000],
    [5234, 5300],
    [0.2, 10],
    [86_400_000, 87_000_000],
  ])('makes %d ms to %d ms', (ms, bucket) => {
    expect(bucketOf(ms, 'two-digits')).toBe(bucket);
  });

  it('is only to whole milliseconds if the granularity is exact', () => {
    expect(bucketOf(5234, 'exact')).toBe(5234);
    expect(bucketOf(5233.1, 'exact')).toBe(5234);
  });
});

describe('A delay queue', () => {
  it('is called as Symfony calls it', () => {
    const options = delayOptions();
    const nameOf = (to: ReturnType<typeof toExchange>) =>
      delayQueueOf(options, 'orders', to, 1500, NOON).name;

    expect(nameOf(toExchange(''))).toBe('delay_orders__1500_delay');
    expect(nameOf(toExchange('high'))).toBe('delay_orders_high_1500_delay');
    expect(nameOf(toQueue('mail'))).toBe('delay_orders_mail_1500_retry');
  });

  it('lives for the delay and ten seconds, and passes its messages on by the given way', () => {
    const { arguments: args } = delayQueueOf(delayOptions(), 'orders', toExchange('high'), 2000, NOON);

    expect(args).toEqual({
      'x-queue-type': 'classic',
      'x-message-ttl': 2000,
      'x-expires': 12_000,
      'x-dead-letter-exchange': 'orders',
      'x-dead-letter-routing-key': 'high',
    });
  });

  it('is declared again before half of its time after the last message has gone', () => {
    expect(delayQueueOf(delayOptions(), 'orders', toExchange(''), 2000, NOON).freshFor).toBe(5000);
  });

  it('is another one each day if it is a quorum queue, which is not kept by declaring it again', () => {
    const options = delayOptions({ arguments: { 'x-queue-type': 'quorum' } });
    const queue = delayQueueOf(options, 'orders', toExchange(''), 2000, NOON);

    expect(queue.name).toBe('delay_orders__2000_delay_2026-11-22');
    expect(queue.arguments).toMatchObject({ 'x-queue-type': 'quorum', 'x-expires': 2000 + DAY_MS + 10_000 });
    // Until midnight, and a little longer for messages on their way.
    expect(queue.freshFor).toBe(DAY_MS / 2 + 5000);
  });

  it('outlives any message of its day, whenever the message is published', () => {
    const options = delayOptions({ dailyDelayQueues: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: DAY_MS - 1 }),
        fc.integer({ min: 0, max: DAY_MS - 1 }),
        fc.integer({ min: 1, max: 315_000_000_000 }),
        (declared, called, delay) => {
          const midnight = NOON - DAY_MS / 2;
          const queue = delayQueueOf(options, 'orders', toExchange(''), delay, midnight + called);
          const last = called + queue.freshFor + Number(queue.arguments['x-message-ttl']);
          expect(declared + Number(queue.arguments['x-expires'])).toBeGreaterThan(last);
        },
      ),
    );
  });

  it('cannot be given another delay or another way, nor a shorter life', () => {
    const options = delayOptions({
      arguments: {
        'x-message-ttl': 1,
        'x-expires': 1,
        'x-dead-letter-exchange': 'elsewhere',
        'x-dead-letter-routing-key': 'lost',
        'x-max-length': 5,
      },
    });
    expect(delayQueueOf(options, 'orders', toQueue('mail'), 2000, NOON).arguments).toEqual({
      'x-queue-type': 'classic',
      'x-message-ttl': 2000,
      'x-expires': 12_000,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'mail',
      'x-max-length': 5,
    });
  });

  it('can be given a longer life, and is declared less often then', () => {
    const options = delayOptions({ arguments: { 'x-expires': 100_000 } });
    const queue = delayQueueOf(options, 'orders', toQueue('mail'), 2000, NOON);

    expect(queue.arguments['x-expires']).toBe(100_000);
    expect(queue.freshFor).toBe(49_000);
  });

  it('has a name that RabbitMQ takes, however long the routing key is, and another for each key', () => {
    const nameOf = (key: string) => delayQueueOf(delayOptions(), 'orders', toExchange(key), 10, NOON).name;
    const [one, other] = [nameOf('ä'.repeat(126)), nameOf(`${'ä'.repeat(126)}.`)];

    expect(Buffer.byteLength(one)).toBeLessThanOrEqual(255);
    expect(one).not.toBe(other);
    expect(nameOf('ä'.repeat(126))).toBe(one);
  });

  it('has a name that RabbitMQ takes, however long that of the exchange is, and another for each exchange and key', () => {
    const nameOf = (exchange: string, key: string) =>
      delayQueueOf(delayOptions(), exchange, toExchange(key), 10, NOON).name;
    const long = 'ä'.repeat(127);
    const names = [nameOf(long, ''), nameOf(`${long}.`, ''), nameOf(long, 'a'), nameOf(long, long)];

    expect(names.filter((name) => Buffer.byteLength(name) > 255)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(nameOf(long, '')).toBe(names[0]);
  });

  it('takes a routing key literally, even one that looks like a placeholder', () => {
    const { name } = delayQueueOf(delayOptions(), 'orders', toExchange('%delay%$&'), 10, NOON);
    expect(name).toBe('delay_orders_%delay%$&_10_delay');
  });

  it('never lives longer than RabbitMQ allows', () => {
    for (const options of [delayOptions(), delayOptions({ dailyDelayQueues: true })]) {
      const queue = delayQueueOf(options, 'orders', toExchange(''), longestDelayOf(options), NOON);
      expect(queue.arguments['x-expires']).toBe(315_360_000_000);
      expect(queue.arguments['x-message-ttl']).toBe(longestDelayOf(options));
    }
  });
});
