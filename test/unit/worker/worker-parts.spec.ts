import { afterEach, describe, expect, it, vi } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { SignalAware } from '../../../lib/transport/capabilities.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { Backoff } from '../../../lib/worker/backoff.js';
import { TokenBucketRateLimiter } from '../../../lib/worker/rate-limiter.js';
import { ReadAhead } from '../../../lib/worker/read-ahead.js';
import { ServiceResetter } from '../../../lib/worker/service-resetter.js';
import { StopSignal } from '../../../lib/worker/stop-signal.js';
import { resolveWorkerOptions, type WorkerOptions } from '../../../lib/worker/worker-options.js';
import type { HandlerContext } from '../../../lib/handler/handler-context.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, deferred, handler, RecordingLogger } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

describe('reading ahead', () => {
  const adapted = (readAhead: ReadAhead, times: number): number => {
    for (let i = 0; i < times; i++) {
      readAhead.adapt();
    }
    return readAhead.window;
  };

  it('begins with nothing, and doubles while handlers are quick, up to 500', () => {
    const readAhead = new ReadAhead('auto', 1);
    expect(adapted(readAhead, 1)).toBe(0);
    readAhead.observe(0.1);

    const windows = Array.from({ length: 11 }, () => adapted(readAhead, 1));

    expect(windows).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 500, 500]);
  });

  it('holds about 100 ms of work, and nothing for slow handlers', () => {
    const medium = new ReadAhead('auto', 1);
    medium.observe(10);
    expect(adapted(medium, 20)).toBe(10);

    const slow = new ReadAhead('auto', 4);
    slow.observe(5000);
    expect(adapted(slow, 20)).toBe(0);
  });

  it('holds no more than 8 MiB of large messages', () => {
    const readAhead = new ReadAhead('auto', 1);
    readAhead.observe(0.1, 1024 * 1024);
    readAhead.observe(0.1, 1024 * 1024);

    expect(adapted(readAhead, 20)).toBeLessThanOrEqual(11);
  });

  it('closes faster than it opens', () => {
    const readAhead = new ReadAhead('auto', 1);
    readAhead.observe(0.1);
    adapted(readAhead, 20);

    readAhead.observe(1000);

    expect(adapted(readAhead, 1)).toBe(0);
  });

  it('leaves a fixed window as it is', () => {
    const readAhead = new ReadAhead(25, 1);
    readAhead.observe(60_000);

    expect(adapted(readAhead, 3)).toBe(25);
    expect(readAhead.isAutomatic).toBe(false);
  });
});

describe('a rate limiter', () => {
  it('grants what is left, says when there is more, and takes permits back', () => {
    const limiter = new TokenBucketRateLimiter({ limit: 10, interval: 1000 });

    expect(limiter.take(4, 0)).toEqual({ granted: 4, retryAfter: 0 });
    expect(limiter.take(100, 0)).toEqual({ granted: 6, retryAfter: 0 });
    expect(limiter.take(1, 0)).toEqual({ granted: 0, retryAfter: 100 });
    expect(limiter.take(5, 250)).toEqual({ granted: 2, retryAfter: 0 });
    limiter.giveBack(2);
    expect(limiter.take(5, 250)).toEqual({ granted: 2, retryAfter: 0 });
  });

  it('never holds more than its limit, however long nothing happens or the clock jumps back', () => {
    const limiter = new TokenBucketRateLimiter({ limit: 3, interval: 1000 });
    limiter.take(3, 10_000);

    expect(limiter.take(9, 5_000).granted).toBe(0);
    expect(limiter.take(9, 1_000_000).granted).toBe(3);
  });
});

describe('the back-off of a worker', () => {
  it('grows to a second at the most, and begins again after a success', () => {
    const backoff = new Backoff();
    const pauses = Array.from({ length: 12 }, () => backoff.next());

    expect(Math.max(...pauses)).toBeLessThanOrEqual(1000);
    expect(Math.min(...pauses.slice(6))).toBeGreaterThanOrEqual(500);
    expect(backoff.isActive).toBe(true);
    backoff.reset();
    expect(backoff.isActive).toBe(false);
    expect(backoff.next()).toBeLessThanOrEqual(50);
  });
});

describe('resetting services', () => {
  it('is due after as many messages as were asked for, and goes on if a service cannot be reset', async () => {
    const logger = new RecordingLogger();
    let resets = 0;
    class Broken {
      reset(): void {
        throw new Error('No.');
      }
    }
    const resetter = new ServiceResetter([new Broken(), { reset: () => void resets++ }], 2, logger);

    resetter.messageFinished();
    expect(resetter.isDue).toBe(false);
    resetter.messageFinished();
    expect(resetter.isDue).toBe(true);
    await resetter.reset();

    expect(resets).toBe(1);
    expect(resetter.isDue).toBe(false);
    expect(logger.texts('error')).toEqual(['Resetting "Broken" failed.']);
  });

  it('is never due when it was turned off', () => {
    const resetter = new ServiceResetter([{ reset: () => undefined }], false, new RecordingLogger());
    resetter.messageFinished();

    expect(resetter.isDue).toBe(false);
  });
});

describe('the stop signal', () => {
  class SignallingTransport extends RecordingTransport implements SignalAware {
    given: number | undefined;
    constructor(private readonly now: () => number) {
      super();
    }
    async writeSignal(): Promise<void> {
      this.given = this.now();
    }
    readSignal(): Promise<number | undefined> {
      return this.given === -1 ? Promise.reject(new Error('Down.')) : Promise.resolve(this.given);
    }
  }

  it('is the latest that any transport knows of, those out of reach left out', async () => {
    const early = new SignallingTransport(() => 5);
    const late = new SignallingTransport(() => 9);
    const down = new SignallingTransport(() => -1);
    const signal = new StopSignal(
      new TransportRegistry(new Map(Object.entries({ early, late, down, mute: new RecordingTransport() }))),
    );

    expect(await signal.requestedAt()).toBeUndefined();
    await signal.request();

    expect(await signal.requestedAt()).toBe(9);
    expect(signal.isAvailable).toBe(true);
    expect(new StopSignal(new TransportRegistry(new Map())).isAvailable).toBe(false);
  });
});

describe('a worker that looks for the stop signal', () => {
  it('looks into the transports it does not consume once a second', async () => {
    const signalling = () => {
      const signals = { writeSignal: async () => undefined, readSignal: vi.fn(async () => 1) };
      return Object.assign(new InMemoryTransport(), signals);
    };
    const [own, other] = [signalling(), signalling()];
    let now = 0;
    const registry = new TransportRegistry(new Map(Object.entries({ own, other })));
    const signal = new StopSignal(registry, ['own'], () => now);

    for (; now < 2000; now += 100) {
      await signal.requestedAt();
    }

    expect(own.readSignal).toHaveBeenCalledTimes(20);
    expect(other.readSignal).toHaveBeenCalledTimes(2);
  });
});

describe('the options of a worker', () => {
  it('fill in the defaults; a fetch size bounds what is read ahead', () => {
    expect(resolveWorkerOptions({})).toEqual({
      concurrency: 1,
      prefetch: 'auto',
      sleep: 1000,
      stopWhenIdle: false,
      grace: 30_000,
      blockWarning: 5000,
      reset: 1,
    });
    expect(resolveWorkerOptions({ fetchSize: 8 }).prefetch).toBe(7);
  });

  it.each<[WorkerOptions, string]>([
    [{ concurrency: 0 }, 'Worker: option "concurrency" must be a whole number from 1 up, got 0.'],
    [{ concurrency: 1.5 }, 'Worker: option "concurrency" must be a whole number from 1 up, got 1.5.'],
    [
      { concurrency: 'auto' as never },
      'Worker: option "concurrency" must be a whole number from 1 up, got "auto".',
    ],
    [{ limit: false as never }, 'Worker: option "limit" must be a whole number from 1 up, got false.'],
    [{ grace: Infinity }, 'Worker: option "grace" must be a number from 0 to 2147483647, got Infinity.'],
    [{ limit: -1 }, 'Worker: option "limit" must be a whole number from 1 up, got -1.'],
    [{ sleep: Number.NaN }, 'Worker: option "sleep" must be a number from 0 to 2147483647, got NaN.'],
    [
      { prefetch: 'much' as 'auto' },
      'Worker: option "prefetch" must be a whole number from 0 up or "auto", got "much".',
    ],
  ])('refuse %o', (options, text) => {
    expect(() => resolveWorkerOptions(options)).toThrow(text);
  });
});

describe('leases', () => {
  class Task {}

  afterEach(() => {
    vi.useRealTimers();
  });

  it('are kept while a handler runs, and a handler hears of one that is lost', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const lost = deferred<unknown>();
    const started = deferred();
    const kept: number[] = [];
    class Leasing extends InMemoryTransport {
      override readonly leaseDuration = 900;
      override keepalive(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
        kept.push(envelopes.length);
        return Promise.resolve(kept.length < 3 ? [] : envelopes);
      }
    }
    const transport = new Leasing();
    const core = createCore({
      transports: { async: transport },
      handlers: [
        handler('H', Task, (_: Task, { signal }: HandlerContext) => {
          started.resolve();
          return new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => {
              lost.resolve(signal.reason);
              resolve();
            });
          });
        }),
      ],
    });
    await transport.send([new Envelope(new Task())]);
    const worker = core.workers.create(['async'], { limit: 1 });
    const result = worker.run();
    await started.promise;

    await vi.advanceTimersByTimeAsync(899);
    expect(kept).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(1);

    expect(await lost.promise).toMatchObject({ code: 'MESSENGER_LEASE_LOST', transportName: 'async' });
    worker.stop('the test is over');
    await result;
  });
});
