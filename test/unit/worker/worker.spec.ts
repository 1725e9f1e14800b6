import { afterEach, describe, expect, it } from 'vitest';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { StopWorkerError } from '../../../lib/errors/stop-worker.error.js';
import { WorkerMessageHandledEvent } from '../../../lib/event/worker-message-handled.event.js';
import { WorkerMessageReceivedEvent } from '../../../lib/event/worker-message-received.event.js';
import { WorkerRunningEvent } from '../../../lib/event/worker-running.event.js';
import { WorkerStartedEvent } from '../../../lib/event/worker-started.event.js';
import { WorkerStoppedEvent } from '../../../lib/event/worker-stopped.event.js';
import type { HandlerContext } from '../../../lib/handler/handler-context.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { TokenBucketRateLimiter } from '../../../lib/worker/rate-limiter.js';
import type { Worker } from '../../../lib/worker/worker.js';
import { type CoreSetup, createCore, deferred, handler } from '../../fixtures/core.js';

class Task {
  constructor(readonly id: number) {}
}

const running: Worker[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => (worker.stop('the test is over'), worker.run())));
});

function setup(call: (task: Task, context: HandlerContext) => unknown, more: CoreSetup = {}) {
  const clock = new FakeClock();
  const high = new InMemoryTransport({ transportName: 'high', clock });
  const low = new InMemoryTransport({ transportName: 'low', clock });
  const core = createCore({
    clock,
    transports: { high, low },
    handlers: [handler('H', Task, call as never)],
    ...more,
  });
  const dispatch = (id: number, transport = 'high'): Promise<Envelope> =>
    core.bus.dispatch(new Task(id), [new TransportNamesStamp(transport)]);
  const start = (receivers: string[], options: Parameters<typeof core.workers.create>[1] = {}) => {
    const worker = core.workers.create(receivers, options);
    running.push(worker);
    return { worker, result: worker.run() };
  };
  return { ...core, clock, high, low, dispatch, start };
}

const ids = (envelopes: readonly Envelope[]): number[] =>
  envelopes.map(({ message }) => (message as Task).id);

describe('a worker', () => {
  it('handles and acknowledges what it receives, and stops when every transport is empty if asked to', async () => {
    const handled: number[] = [];
    const { start, dispatch, high } = setup(({ id }) => void handled.push(id));
    await Promise.all([1, 2, 3].map((id) => dispatch(id)));

    const result = await start(['high'], { stopWhenIdle: true }).result;

    expect(handled).toEqual([1, 2, 3]);
    expect(ids(high.acknowledged)).toEqual([1, 2, 3]);
    expect(result).toEqual({ reason: 'every transport is empty', processed: 3, failed: 0, abandoned: 0 });
  });

  it('waits for messages, and handles one that arrives', async () => {
    const arrived = deferred<number>();
    const { start, dispatch, events } = setup(({ id }) => arrived.resolve(id));
    const idle = deferred();
    events.on(WorkerRunningEvent, ({ isIdle }) => void (isIdle && idle.resolve()));
    start(['high', 'low']);
    await idle.promise;

    await dispatch(5, 'low');

    expect(await arrived.promise).toBe(5);
  });

  it('empties receivers in strict order, whatever arrives meanwhile', async () => {
    const handled: number[] = [];
    const core = setup(async ({ id }) => {
      handled.push(id);
      if (id === 1) {
        await core.dispatch(10, 'low');
        await core.dispatch(2, 'high');
      }
    });
    await core.dispatch(11, 'low');
    await core.dispatch(1, 'high');

    await core.start(['high', 'low'], { stopWhenIdle: true }).result;

    expect(handled).toEqual([1, 2, 11, 10]);
  });

  it('lets an urgent message overtake what it has read ahead of a less urgent transport', async () => {
    const handled: number[] = [];
    const core = setup(async ({ id }) => {
      handled.push(id);
      if (id === 11) {
        await core.dispatch(1, 'high');
        // The waiting fetch of the urgent transport gets its turn of the event loop.
        await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await Promise.all([11, 12, 13].map((id) => core.dispatch(id, 'low')));

    await core.start(['high', 'low'], { stopWhenIdle: true, prefetch: 10 }).result;

    expect(handled).toEqual([11, 1, 12, 13]);
  });

  it('handles as many messages at once as its concurrency allows', async () => {
    let current = 0;
    let most = 0;
    const gates = [deferred(), deferred()];
    const full = deferred();
    const { start, dispatch } = setup(async ({ id }) => {
      current += 1;
      most = Math.max(most, current);
      if (current === 2) {
        full.resolve();
      }
      await gates[id % 2]?.promise;
      current -= 1;
    });
    await Promise.all([1, 2, 3, 4, 5].map((id) => dispatch(id)));

    const { result } = start(['high'], { concurrency: 2, stopWhenIdle: true });
    await full.promise;
    gates.forEach((gate) => gate.resolve());

    expect((await result).processed).toBe(5);
    expect(most).toBe(2);
  });

  it('handles no more than its limit, and leaves the rest alone', async () => {
    const { start, dispatch, high } = setup(() => undefined);
    await Promise.all([1, 2, 3, 4].map((id) => dispatch(id)));

    const { reason, processed } = await start(['high'], { limit: 3, prefetch: 50 }).result;

    expect(reason).toBe('the limit of 3 message(s) is reached');
    expect(processed).toBe(3);
    expect(await high.messageCount()).toMatchObject({ ready: 1, inFlight: 0 });
  });

  it('gives back what it has read ahead when it stops, and finishes what runs', async () => {
    const started = deferred();
    const gate = deferred();
    const { start, dispatch, high } = setup(async () => {
      started.resolve();
      await gate.promise;
    });
    await Promise.all([1, 2, 3, 4].map((id) => dispatch(id)));
    const { worker, result } = start(['high'], { prefetch: 10 });
    await started.promise;

    worker.stop('the test says so');
    worker.stop('too late');
    gate.resolve();

    expect(await result).toEqual({ reason: 'the test says so', processed: 1, failed: 0, abandoned: 0 });
    expect(ids(high.acknowledged)).toEqual([1]);
    expect(await high.messageCount()).toMatchObject({ ready: 3, inFlight: 0 });
  });

  it('aborts the signals of handlers that outlast the grace period, and goes', async () => {
    let reason: unknown;
    const started = deferred();
    const { start, dispatch, high } = setup((_, { signal }) => {
      started.resolve();
      return new Promise(() => signal.addEventListener('abort', () => (reason = signal.reason)));
    });
    await dispatch(1);
    const { worker, result } = start(['high'], { grace: 5 });
    await started.promise;

    worker.stop('the test says so');

    expect((await result).abandoned).toBe(1);
    expect(reason).toMatchObject({ code: 'MESSENGER_WORKER_STOPPED' });
    expect(await high.messageCount()).toMatchObject({ inFlight: 1 });
  });

  it('stops for a handler that throws StopWorkerError, after the usual path of a failed message', async () => {
    const { start, dispatch, high } = setup(() => {
      throw new StopWorkerError('Enough.');
    });
    await dispatch(1);

    expect(await start(['high']).result).toMatchObject({ reason: 'Enough.', failed: 1 });
    expect(ids(high.rejected)).toEqual([1]);
  });

  it.each([
    ['failureLimit', { failureLimit: 2 }, 'the limit of 2 failure(s) is reached'],
    ['memoryLimit', { memoryLimit: 1 }, 'the memory limit of 0M is exceeded'],
  ])('stops by %s', async (_, options, reason) => {
    const { start, dispatch } = setup(() => Promise.reject(new Error('No.')));
    await Promise.all([1, 2, 3].map((id) => dispatch(id)));

    expect((await start(['high'], options).result).reason).toContain(reason);
  });

  it('stops by its time limit while it is idle', async () => {
    const { start, clock } = setup(() => undefined);
    const { result } = start(['high'], { timeLimit: 60_000 });

    await clock.advance(60_000);

    expect((await result).reason).toBe('the time limit of 60 s is reached');
  });

  it('resets services between messages, and never while one runs', async () => {
    const notes: string[] = [];
    const { start, dispatch } = setup(({ id }) => void notes.push(`handle ${id}`), {
      resettables: [{ reset: () => void notes.push('reset') }],
    });
    await Promise.all([1, 2].map((id) => dispatch(id)));

    await start(['high'], { stopWhenIdle: true, prefetch: 10 }).result;

    expect(notes).toEqual(['handle 1', 'reset', 'handle 2', 'reset']);
  });

  it('keeps to a rate limit without holding up other transports', async () => {
    const handled: number[] = [];
    const { start, dispatch, clock, high } = setup(({ id }) => void handled.push(id), {
      rateLimiters: { high: new TokenBucketRateLimiter({ limit: 2, interval: 1000 }) },
    });
    await Promise.all([1, 2, 3, 4, 5].map((id) => dispatch(id)));
    await dispatch(11, 'low');

    start(['high', 'low']);
    await expect.poll(() => handled).toEqual([1, 2, 11]);
    expect(await high.messageCount()).toMatchObject({ ready: 3, inFlight: 0 });

    await clock.advance(500);
    await expect.poll(() => handled).toEqual([1, 2, 11, 3]);
  });

  it('tells listeners of its life, and goes on when one throws', async () => {
    const seen: string[] = [];
    const { start, dispatch, events, logger } = setup(() => undefined);
    for (const type of [
      WorkerStartedEvent,
      WorkerMessageReceivedEvent,
      WorkerMessageHandledEvent,
      WorkerStoppedEvent,
    ]) {
      events.on<object>(type, () => {
        seen.push(type.name);
        throw new Error('A listener must not matter.');
      });
    }
    await dispatch(1);

    expect(await start(['high'], { stopWhenIdle: true }).result).toMatchObject({ processed: 1, failed: 0 });
    expect(seen).toEqual([
      'WorkerStartedEvent',
      'WorkerMessageReceivedEvent',
      'WorkerMessageHandledEvent',
      'WorkerStoppedEvent',
    ]);
    expect(logger.texts('error')).toContain('A listener of "WorkerMessageReceivedEvent" threw.');
  });

  it('gives a message back that a listener does not want to be handled', async () => {
    let calls = 0;
    const { start, dispatch, events, high } = setup(() => void calls++);
    events.on(WorkerMessageReceivedEvent, (event) => event.skip());
    await dispatch(1);

    await start(['high'], { stopWhenIdle: true }).result;

    expect(calls).toBe(0);
    expect(await high.messageCount()).toMatchObject({ ready: 0, delayed: 1, inFlight: 0 });
  });

  it('does not keep messages it cannot start for long', async () => {
    const gate = deferred();
    const blocked = deferred();
    const { start, dispatch, high } = setup(({ id }) => {
      if (id === 60) {
        blocked.resolve();
        return gate.promise;
      }
      return undefined;
    });
    await Promise.all(Array.from({ length: 100 }, (_, index) => dispatch(index)));
    start(['high']);
    await blocked.promise;

    await expect.poll(async () => (await high.messageCount()).inFlight, { timeout: 5000 }).toBe(1);
    gate.resolve();
  });
});
