import { createHash } from 'node:crypto';
import type { DelayOptions } from './amqp.delay-options.js';

/** A queue in which messages wait until their time is over and RabbitMQ passes them on. Nobody consumes from it. */
export interface AmqpDelayQueue {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /**
   * For how many milliseconds after it was declared messages may be published to it. Later it has to be declared anew: RabbitMQ
   * deletes it when it was not used for a time, together with the messages in it.
   */
  readonly freshFor: number;
}

/** Where RabbitMQ publishes a message whose delay is over. */
export interface AmqpDelayedTo {
  /** Empty: the default exchange, by which a message reaches the one queue that is named like its routing key. */
  readonly exchange: string;
  readonly routingKey: string;
}

/** For how long after its last message is due a delay queue is kept, in milliseconds; as in Symfony Messenger. */
const GRACE_MS = 10_000;

const DAY_MS = 24 * 3600 * 1000;

/** Ten years of 365 days: the longest time RabbitMQ holds or keeps anything. */
const LONGEST_TIME_MS = 10 * 365 * DAY_MS;

/** The longest name of a queue, in bytes. */
const LONGEST_NAME = 255;

/** Up to here, in milliseconds, two digits would be finer than anybody's clock needs. */
const FINE_MS = 100;

const FINE_STEP_MS = 10;

/**
 * The delay for which a message really waits, in milliseconds: never shorter than what was asked for, so that it never comes early.
 * With `two-digits` it is at most a tenth longer (below 100 ms: less than 10 ms longer), and there are 90 of them from any delay
 * to its tenfold: each needs a queue of its own.
 */
export function bucketOf(delay: number, granularity: DelayOptions['granularity']): number {
  const whole = Math.ceil(delay);
  if (granularity === 'exact') {
    return whole;
  }
  const step = whole <= FINE_MS ? FINE_STEP_MS : 10 ** (String(whole).length - 2);
  return Math.ceil(whole / step) * step;
}

/** The longest delay that a delay queue can hold, in milliseconds: almost ten years. */
export function longestDelayOf(options: DelayOptions): number {
  return LONGEST_TIME_MS - graceOf(options);
}

/**
 * The queue in which a message waits for `delay` milliseconds, {@link longestDelayOf} at the most. Names and arguments are those of
 * Symfony Messenger, so that both can use the same.
 *
 * The arguments that say how long and where to cannot be replaced by `delay[arguments]`, and `x-expires` can only be made longer.
 *
 * @param exchangeName the exchange of the transport, a part of the name.
 * @param to where the message goes then; a retry goes to one queue, by the default exchange.
 * @param now the current epoch in milliseconds; daily queues have the date in their name, in UTC.
 */
export function delayQueueOf(
  options: DelayOptions,
  exchangeName: string,
  to: AmqpDelayedTo & { readonly isRetry: boolean },
  delay: number,
  now: number,
): AmqpDelayQueue {
  const bucket = Math.min(bucketOf(delay, options.granularity), longestDelayOf(options));
  const grace = Math.max(graceOf(options), Number(options.arguments['x-expires'] ?? 0) - bucket);
  const suffix = (to.isRetry ? '_retry' : '_delay') + (isDaily(options) ? `_${dayOf(now)}` : '');
  const nameFor = (exchange: string, routingKey: string): string =>
    expand(options.queueNamePattern, exchange, routingKey, bucket) + suffix;
  let name = nameFor(exchangeName, to.routingKey);
  if (isTooLong(name)) {
    name = nameFor(exchangeName, digestOf(to.routingKey));
  }
  if (isTooLong(name)) {
    name = nameFor(digestOf(exchangeName), digestOf(to.routingKey));
  }
  return {
    name,
    arguments: {
      // Said aloud, because the default of a virtual host may be quorum queues, which would expire too early.
      'x-queue-type': 'classic',
      ...options.arguments,
      'x-message-ttl': bucket,
      'x-expires': bucket + grace,
      'x-dead-letter-exchange': to.exchange,
      'x-dead-letter-routing-key': to.routingKey,
    },
    freshFor: isDaily(options) ? DAY_MS - (now % DAY_MS) + GRACE_MS / 2 : grace / 2,
  };
}

/**
 * Only classic queues live on when they are declared again. The life of a quorum queue counts from its creation, so each day has
 * queues of its own, which outlive it by the delay.
 */
function isDaily(options: DelayOptions): boolean {
  return options.dailyDelayQueues || (options.arguments['x-queue-type'] ?? 'classic') !== 'classic';
}

function graceOf(options: DelayOptions): number {
  return GRACE_MS + (isDaily(options) ? DAY_MS : 0);
}

/** `2026-11-22`. */
function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

function expand(pattern: string, exchangeName: string, routingKey: string, bucket: number): string {
  const values: Readonly<Record<string, string>> = {
    '%exchange_name%': exchangeName,
    '%routing_key%': routingKey,
    '%delay%': String(bucket),
  };
  return pattern.replaceAll(
    /%(?:exchange_name|routing_key|delay)%/g,
    (placeholder) => values[placeholder] ?? '',
  );
}

function isTooLong(name: string): boolean {
  return Buffer.byteLength(name) > LONGEST_NAME;
}

/** Stands for a routing key, or an exchange, that is too long for the name of a queue. */
function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
