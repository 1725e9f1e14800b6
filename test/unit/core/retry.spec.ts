import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { HandlerFailedError } from '../../../lib/errors/handler-failed.error.js';
import { MessageDecodingFailedError } from '../../../lib/errors/message-decoding-failed.error.js';
import { RecoverableError } from '../../../lib/errors/recoverable.error.js';
import { UnknownMessageTypeError } from '../../../lib/errors/unknown-message-type.error.js';
import { UnrecoverableError } from '../../../lib/errors/unrecoverable.error.js';
import { decideRetry } from '../../../lib/failure/retry-decision.js';
import { MultiplierRetryStrategy, type RetryOptions } from '../../../lib/retry/multiplier.retry-strategy.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';

class Ping {}
const retried = (count: number) => new Envelope(new Ping(), [new RedeliveryStamp(count, new Date())]);
const fresh = new Envelope(new Ping());

describe('the multiplier strategy', () => {
  it('waits 1, 2 and 4 seconds by default, give or take a tenth, and then gives up', () => {
    const lowest = new MultiplierRetryStrategy({}, () => 0);
    const middle = new MultiplierRetryStrategy({}, () => 0.5);
    const highest = new MultiplierRetryStrategy({}, () => 1);

    expect([fresh, retried(1), retried(2)].map((envelope) => middle.waitingTime(envelope))).toEqual([
      1000, 2000, 4000,
    ]);
    expect(lowest.waitingTime(fresh)).toBe(900);
    expect(highest.waitingTime(fresh)).toBe(1100);
    expect([fresh, retried(2), retried(3)].map((envelope) => middle.isRetryable(envelope))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('never waits longer than maxDelay, and still spreads the retries below it', () => {
    const options = { delay: 1000, multiplier: 10, maxDelay: 5000, jitter: 0.2 };

    expect(new MultiplierRetryStrategy(options, () => 1).waitingTime(retried(5))).toBe(5000);
    expect(new MultiplierRetryStrategy(options, () => 0).waitingTime(retried(5))).toBe(4000);
    expect(
      new MultiplierRetryStrategy({ multiplier: 1e6, jitter: 0 }).waitingTime(retried(1000)),
    ).toBeLessThan(1e13);
  });

  it.each<[RetryOptions, string]>([
    [{ maxRetries: -1 }, 'Retry strategy: "maxRetries" must be a whole number, zero or more, got -1.'],
    [{ maxRetries: 1.5 }, 'Retry strategy: "maxRetries" must be a whole number, zero or more, got 1.5.'],
    [{ delay: -5 }, 'Retry strategy: "delay" must be zero or more milliseconds, got -5.'],
    [{ multiplier: 0.5 }, 'Retry strategy: "multiplier" must be 1 or more, got 0.5.'],
    [{ maxDelay: Number.NaN }, 'Retry strategy: "maxDelay" must be zero or more milliseconds, got NaN.'],
    [{ jitter: 1.1 }, 'Retry strategy: "jitter" must be from 0 to 1, got 1.1.'],
  ])('refuses %o', (options, text) => {
    expect(() => new MultiplierRetryStrategy(options)).toThrow(text);
  });
});

describe('the decision to retry', () => {
  const strategy = new MultiplierRetryStrategy({ jitter: 0 });
  const failedWith = (...errors: unknown[]) =>
    new HandlerFailedError(fresh, new Map(errors.map((error, index) => [`H${index}`, error])));

  it.each<[string, unknown, ReturnType<typeof decideRetry>]>([
    ['an ordinary error', failedWith(new Error('x')), { retry: true, delay: 1000 }],
    [
      'only unrecoverable errors',
      failedWith(new UnrecoverableError('x'), new UnrecoverableError('y')),
      { retry: false },
    ],
    [
      'one unrecoverable error among others',
      failedWith(new UnrecoverableError('x'), 'y'),
      { retry: true, delay: 1000 },
    ],
    ['an unrecoverable error of a middleware', new UnrecoverableError('x'), { retry: false }],
    ['bytes that cannot be decoded', new MessageDecodingFailedError('x'), { retry: false }],
    ['a type that is not known here', new UnknownMessageTypeError('x', []), { retry: true, delay: 1000 }],
    [
      'a recoverable error',
      failedWith(new UnrecoverableError('x'), new RecoverableError('y')),
      { retry: true, delay: 1000 },
    ],
    [
      'a recoverable error with a delay',
      failedWith(new RecoverableError('y', { retryDelay: 7 })),
      { retry: true, delay: 7 },
    ],
  ])('for %s', (_, error, decision) => {
    expect(decideRetry(fresh, error, strategy)).toEqual(decision);
  });

  it('retries a recoverable error whatever the limit, and without a strategy', () => {
    const error = failedWith(new RecoverableError('x'));

    expect(
      decideRetry(
        retried(99),
        error,
        new MultiplierRetryStrategy({ maxRetries: 0, delay: 1, multiplier: 1 }),
      ),
    ).toMatchObject({
      retry: true,
    });
    expect(decideRetry(fresh, error, undefined)).toEqual({ retry: true, delay: 1000 });
    expect(decideRetry(fresh, failedWith(new Error('x')), undefined)).toEqual({ retry: false });
  });
});
