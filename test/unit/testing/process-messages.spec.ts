import { describe, expect, it } from 'vitest';
import { MessengerEvents } from '../../../lib/event/messenger-events.js';
import { WorkerRateLimitedEvent } from '../../../lib/event/worker-rate-limited.event.js';
import { StopWorkerError } from '../../../lib/errors/stop-worker.error.js';
import { UnknownTransportError } from '../../../lib/errors/unknown-transport.error.js';
import { MultiplierRetryStrategy } from '../../../lib/retry/multiplier.retry-strategy.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { type ApplicationContext, processMessages } from '../../../lib/testing/process-messages.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { TokenBucketRateLimiter } from '../../../lib/worker/rate-limiter.js';
import { WorkerFactory } from '../../../lib/worker/worker-factory.js';
import { type CoreSetup, createCore, handler } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

const HOUR_MS = 3_600_000;

class Task {
  constructor(readonly id: number) {}
}

/** An application whose tasks are handled by `call`, with the transports `async` and `failed`. */
function setup(call: (task: Task) => unknown, more: CoreSetup = {}) {
  const clock = new FakeClock();
  const async = new InMemoryTransport({ transportName: 'async', clock });
  const failed = new InMemoryTransport({ transportName: 'failed', clock });
  const core = createCore({
    clock,
    transports: { async, failed },
    handlers: [handler('TaskHandler', Task, call as never)],
    policies: {
      async: {
        retryStrategy: new MultiplierRetryStrategy({ jitter: 0 }),
        failureTransport: 'failed',
      },
    },
    ...more,
  });
  const provided = new Map<unknown, unknown>([
    [MessengerEvents, core.events],
    [TransportRegistry, core.transports],
    [WorkerFactory, core.workers],
  ]);
  const app = { get: (type: unknown) => provided.get(type) } as ApplicationContext;
  const dispatch = (id: number, delay = 0, transport = 'async') =>
    core.bus.dispatch(new Task(id), [new TransportNamesStamp(transport), new DelayStamp(delay)]);
  return { ...core, app, clock, async, failed, dispatch };
}

describe('processMessages', () => {
  it('processes what is queued', async () => {
    const handled: number[] = [];
    const { app, dispatch, async } = setup(({ id }) => void handled.push(id));
    await dispatch(1);
    await dispatch(2);
    expect(await processMessages(app, 'async')).toEqual({ processed: 2, failed: 0 });
    expect(handled).toEqual([1, 2]);
    expect(async.acknowledged).toHaveLength(2);
  });

  it('has nothing to do for an empty transport', async () => {
    const { app } = setup(() => undefined);
    expect(await processMessages(app, 'async')).toEqual({ processed: 0, failed: 0 });
  });

  it('moves the clock to the time of each delayed message, and no farther', async () => {
    const handled: Array<[id: number, after: number]> = [];
    const { app, clock, dispatch } = setup(({ id }) => void handled.push([id, clock.now() - start]));
    const start = clock.now();
    await dispatch(1, 24 * HOUR_MS);
    await dispatch(2, HOUR_MS);
    await dispatch(3);
    await processMessages(app, 'async', { until: 'empty', clock });
    expect(handled).toEqual([
      [3, 0],
      [2, HOUR_MS],
      [1, 24 * HOUR_MS],
    ]);
    expect(clock.now()).toBe(start + 24 * HOUR_MS);
  });

  it('runs the retries of a message at their times, and then leaves it in the failure transport', async () => {
    const attempts: number[] = [];
    const { app, clock, async, failed, dispatch } = setup(() => {
      attempts.push(clock.now() - start);
      throw new RangeError('out of stock');
    });
    const start = clock.now();
    await dispatch(1);
    expect(await processMessages(app, 'async')).toEqual({ processed: 4, failed: 4 });
    expect(attempts).toEqual([0, 1000, 3000, 7000]);
    expect([async.queue.length, async.rejected.length, failed.queue.length]).toEqual([0, 4, 1]);
  });

  it('leaves what is not due if it shall process until idle', async () => {
    const handled: number[] = [];
    const { app, clock, async, dispatch } = setup(({ id }) => void handled.push(id));
    const start = clock.now();
    await dispatch(1, HOUR_MS);
    await dispatch(2);
    await processMessages(app, 'async', { until: 'idle' });
    expect(handled).toEqual([2]);
    expect(async.queue).toHaveLength(1);
    expect(clock.now()).toBe(start);
  });

  it('processes several transports, and what handlers send to them meanwhile', async () => {
    const handled: number[] = [];
    const core = setup(async ({ id }) => {
      handled.push(id);
      await (id < 4 && core.dispatch(id + 1, 500, id % 2 === 0 ? 'async' : 'failed'));
    });
    await core.dispatch(1);
    await processMessages(core.app, ['async', 'failed']);
    expect(handled).toEqual([1, 2, 3, 4]);
  });

  it('keeps to rate limits, without waiting for them', async () => {
    const times: number[] = [];
    const core = setup(() => void times.push(core.clock.now() - start), {
      rateLimiters: { async: new TokenBucketRateLimiter({ limit: 2, interval: 1000 }) },
    });
    const start = core.clock.now();
    await Promise.all([1, 2, 3, 4].map((id) => core.dispatch(id)));
    await processMessages(core.app, 'async');
    expect(times).toEqual([0, 0, 500, 1000]);
    expect(core.events.hasListeners(WorkerRateLimitedEvent)).toBe(false);
  });

  it('goes on after a handler has stopped its worker', async () => {
    const handled: number[] = [];
    const { app, dispatch } = setup(({ id }) => {
      handled.push(id);
      if (id === 1 && handled.length === 1) {
        throw new StopWorkerError('enough');
      }
    });
    await Promise.all([1, 2].map((id) => dispatch(id)));
    await processMessages(app, 'async');
    expect(handled.toSorted((a, b) => a - b)).toEqual([1, 1, 2]);
  });

  it('passes options on to the worker', async () => {
    let running = 0;
    let most = 0;
    const { app, dispatch } = setup(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    await Promise.all([1, 2, 3, 4].map((id) => dispatch(id)));
    await processMessages(app, 'async', { worker: { concurrency: 3 } });
    expect(most).toBe(3);
  });

  it('fails when a message is sent again and again', async () => {
    const core = setup(({ id }) => core.dispatch(id + 1));
    await core.dispatch(1);
    await expect(processMessages(core.app, 'async', { limit: 20 })).rejects.toThrow(
      'More than 20 messages were processed. Is one sent again and again?',
    );
  });

  it('processes exactly as many messages as the limit allows', async () => {
    const { app, dispatch } = setup(() => undefined);
    await Promise.all([1, 2, 3].map((id) => dispatch(id)));
    expect(await processMessages(app, 'async', { limit: 3 })).toEqual({ processed: 3, failed: 0 });
  });

  it('fails rather than waits when time cannot be moved', async () => {
    const async = new InMemoryTransport();
    const { app, dispatch } = setup(() => undefined, { transports: { async } });
    await dispatch(1, HOUR_MS);
    await expect(processMessages(app, 'async')).rejects.toThrow(
      /^The next message is due in \d+ ms by the time of the machine, which cannot be moved\. Make the transport with/,
    );
  });

  it('refuses a clock that is not the one of the transport', async () => {
    const { app } = setup(() => undefined);
    await expect(processMessages(app, 'async', { clock: new FakeClock() })).rejects.toThrow(
      'Transport "async" goes by another clock. Make it with "new InMemoryTransport({ clock })".',
    );
  });

  it('refuses transports that it cannot look into, and those that it does not know', async () => {
    const { app } = setup(() => undefined, { transports: { async: new RecordingTransport() } });
    await expect(processMessages(app, 'async')).rejects.toThrow(
      'Transport "async" is not in memory. Give it the DSN "in-memory://", or override its provider.',
    );
    await expect(processMessages(app, 'asink')).rejects.toThrow(UnknownTransportError);
    await expect(processMessages(app, [])).rejects.toThrow('Name at least one transport.');
  });
});
