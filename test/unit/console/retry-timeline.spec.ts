import { describe, expect, it } from 'vitest';
import { configuredTime } from '../../../lib/console/configured-time.js';
import { retryTimeline } from '../../../lib/console/retry-timeline.js';
import { MultiplierRetryStrategy } from '../../../lib/retry/multiplier.retry-strategy.js';
import type { RetryStrategy } from '../../../lib/retry/retry-strategy.js';

const textOf = (
  ...[options, target = 'failed']: [ConstructorParameters<typeof MultiplierRetryStrategy>[0], string?]
) => retryTimeline(new MultiplierRetryStrategy(options), target).text;

describe('the timeline of retries', () => {
  it('has the times since the first failure', () => {
    expect(retryTimeline(new MultiplierRetryStrategy({ jitter: 0 }), 'failed')).toEqual({
      retries: 3,
      after: [1000, 3000, 7000],
      text: '1 s, 3 s, 7 s, then "failed"',
    });
  });

  it('tells by how much each wait varies', () => {
    expect(textOf({})).toBe('1 s, 3 s, 7 s (each wait ±10 %), then "failed"');
  });

  it('keeps to the longest wait', () => {
    expect(textOf({ delay: 30_000, maxDelay: 60_000, jitter: 0, maxRetries: 4 })).toBe(
      '30 s, 1 min 30 s, 2 min 30 s, 3 min 30 s, then "failed"',
    );
  });

  it('shortens what is long', () => {
    expect(textOf({ maxRetries: 20, jitter: 0 })).toBe(
      '1 s, 3 s, 7 s, 15 s, 31 s, 1 min 3 s, … 20 times in all, the last after 12 d 3 h, then "failed"',
    );
    expect(textOf({ maxRetries: 5000, multiplier: 1, jitter: 0 })).toBe(
      '1 s, 2 s, 3 s, 4 s, 5 s, 6 s, … 5000 times in all, then "failed"',
    );
  });

  it('says that there is no end to it', () => {
    const timeline = retryTimeline(
      new MultiplierRetryStrategy({ maxRetries: Number.POSITIVE_INFINITY, multiplier: 1, jitter: 0 }),
      'failed',
    );

    expect(timeline.retries).toBeNull();
    expect(timeline.text).toBe('1 s, 2 s, 3 s, 4 s, 5 s, 6 s, … for ever');
  });

  it('says what becomes of a message that is not tried again', () => {
    const none = { retries: 0, after: [], text: 'not tried again: at once "failed"' };
    expect(retryTimeline(undefined, 'failed')).toEqual(none);
    expect(retryTimeline(new MultiplierRetryStrategy({ maxRetries: 0 }), 'failed')).toEqual(none);
    expect(retryTimeline(undefined, undefined).text).toBe('not tried again: at once it is dropped');
  });

  it('names a strategy of the application, and does not ask it', () => {
    class Patient implements RetryStrategy {
      isRetryable = (): never => expect.unreachable();
      waitingTime = (): never => expect.unreachable();
    }

    expect(retryTimeline(new Patient(), 'failed').text).toBe('as Patient decides, then "failed"');
  });
});

describe('a time of the configuration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1500, '1.5 s'],
    [59_900, '59.9 s'],
    [60_000, '1 min'],
    [90_000, '1 min 30 s'],
    [5_400_000, '1 h 30 min'],
    [86_400_000, '1 d'],
    [183_600_000, '2 d 3 h'],
  ])('%d ms are %s', (ms, text) => {
    expect(configuredTime(ms)).toBe(text);
  });
});
