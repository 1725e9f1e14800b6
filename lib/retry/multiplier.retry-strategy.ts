import type { Envelope } from '../envelope/envelope.js';
import { InvalidRetryStrategyError } from '../errors/invalid-retry-strategy.error.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import type { RetryStrategy } from './retry-strategy.js';

/** Settings of {@link MultiplierRetryStrategy}. */
export interface RetryOptions {
  /** Tries after the first one; 0 means none. @default 3 */
  readonly maxRetries?: number;
  /** Milliseconds before the first retry. @default 1000 */
  readonly delay?: number;
  /** What the delay is multiplied by for each further retry; at least 1. @default 2 */
  readonly multiplier?: number;
  /** The longest delay in milliseconds, jitter included; 0 means no limit. @default 0 */
  readonly maxDelay?: number;
  /** The share of the delay, 0 to 1, by which it varies at random to either side. @default 0.1 */
  readonly jitter?: number;
}

const DEFAULTS: Required<RetryOptions> = {
  maxRetries: 3,
  delay: 1000,
  multiplier: 2,
  maxDelay: 0,
  jitter: 0.1,
};

/** No delay is longer than this (about 24.8 days times 1000), so that no power of the multiplier ends in `Infinity`. */
const LONGEST_DELAY_MS = 2 ** 31 * 1000;

/**
 * Waits `delay × multiplier^retries`, give or take the jitter, and gives up after `maxRetries`. Defaults, formula and
 * validation are those of Symfony's strategy of the same name, except that the jitter also applies below `maxDelay`.
 */
export class MultiplierRetryStrategy implements RetryStrategy {
  readonly options: Required<RetryOptions>;
  readonly #random: () => number;

  /** @throws InvalidRetryStrategyError for a setting out of range. */
  constructor(options: RetryOptions = {}, random: () => number = Math.random) {
    this.options = { ...DEFAULTS, ...options };
    this.#random = random;
    assertRetryCount(this.options.maxRetries);
    assertRange('delay', this.options.delay, 0, LONGEST_DELAY_MS, 'zero or more milliseconds');
    assertRange('multiplier', this.options.multiplier, 1, Number.MAX_SAFE_INTEGER, '1 or more');
    assertRange('maxDelay', this.options.maxDelay, 0, LONGEST_DELAY_MS, 'zero or more milliseconds');
    assertRange('jitter', this.options.jitter, 0, 1, 'from 0 to 1');
  }

  isRetryable(envelope: Envelope): boolean {
    return retriesOf(envelope) < this.options.maxRetries;
  }

  waitingTime(envelope: Envelope): number {
    const { delay, multiplier, maxDelay, jitter } = this.options;
    const longest = maxDelay > 0 ? maxDelay : LONGEST_DELAY_MS;
    const base = Math.min(delay * multiplier ** retriesOf(envelope), longest);
    const spread = base * jitter;
    return Math.min(Math.ceil(base - spread + 2 * spread * this.#random()), longest);
  }
}

function retriesOf(envelope: Envelope): number {
  return envelope.last(RedeliveryStamp)?.retryCount ?? 0;
}

/** A fraction would be one retry more than it says. `Infinity` means to try for ever. */
function assertRetryCount(value: number): void {
  if (!((Number.isInteger(value) && value >= 0) || value === Number.POSITIVE_INFINITY)) {
    throw new InvalidRetryStrategyError('maxRetries', 'a whole number, zero or more', value);
  }
}

function assertRange(
  setting: keyof RetryOptions,
  value: number,
  min: number,
  max: number,
  rule: string,
): void {
  if (!(value >= min && value <= max)) {
    throw new InvalidRetryStrategyError(setting, rule, value);
  }
}
