import assert from 'node:assert/strict';
import type { Clock } from '../envelope/clock.js';
import { MessengerEvents } from '../event/messenger-events.js';
import { WorkerRateLimitedEvent } from '../event/worker-rate-limited.event.js';
import { WorkerRunningEvent } from '../event/worker-running.event.js';
import { TransportRegistry } from '../transport/transport-registry.js';
import { InMemoryTransport } from '../transports/in-memory/in-memory.transport.js';
import type { WorkerOptions } from '../worker/worker-options.js';
import { WorkerFactory } from '../worker/worker-factory.js';
import { FakeClock } from './fake-clock.js';

/** What {@link processMessages} needs of an application: Nest's own type fits. */
export interface ApplicationContext {
  get<T>(type: abstract new (...args: never[]) => T, options: { readonly strict: false }): T;
}

/** How {@link processMessages} works. */
export interface ProcessMessagesOptions {
  /**
   * `'empty'`: until nothing is left, delayed messages and retries included. `'idle'`: until nothing is due.
   *
   * @default 'empty'
   */
  readonly until?: 'empty' | 'idle';
  /** The clock to move, which has to be the one of the transports. @default whichever clock the transports go by */
  readonly clock?: FakeClock;
  /** The most messages to process, retries counted; more is taken for a loop. @default 1000 */
  readonly limit?: number;
  /** Options of the worker, such as `concurrency`. */
  readonly worker?: Omit<WorkerOptions, 'limit' | 'stopWhenIdle'>;
}

/** What {@link processMessages} has done. */
export interface ProcessedMessages {
  /** How often a message was handled, failures included. */
  readonly processed: number;
  /** How often handling failed. */
  readonly failed: number;
}

/**
 * Runs real workers of the application over what its in-memory transports hold, retries and delays included, without
 * waiting: where nothing is due yet, the clock is moved to the time of the next message.
 *
 * ```ts
 * await bus.dispatch(new OrderPlaced(7));
 * await processMessages(app, 'async');
 * assert.deepEqual(async.queue, []);
 * ```
 *
 * @param transportNames one name or several, the first having the highest priority.
 * @throws AssertionError if more messages are processed than `limit`, or if time would have to be moved and cannot.
 * @throws UnknownTransportError
 */
export async function processMessages(
  app: ApplicationContext,
  transportNames: string | readonly string[],
  options: ProcessMessagesOptions = {},
): Promise<ProcessedMessages> {
  const { until = 'empty', limit = 1000, worker } = options;
  const names = typeof transportNames === 'string' ? [transportNames] : transportNames;
  const { transports, clock } = inMemoryTransports(app, names, options.clock);
  const workers = app.get(WorkerFactory, { strict: false });
  const limits = passRateLimits(app.get(MessengerEvents, { strict: false }), clock, until);
  let [processed, failed] = [0, 0];
  try {
    for (;;) {
      const bounds = { limit: limit - processed + 1, stopWhenIdle: true };
      const result = await workers.create(names, { ...worker, ...bounds }).run();
      limits.assertPassed();
      processed += result.processed;
      failed += result.failed;
      assert.ok(
        processed <= limit,
        `More than ${limit} messages were processed. Is one sent again and again?`,
      );
      const dueAt = until === 'idle' ? undefined : earliestDueTime(transports);
      if (dueAt === undefined) {
        return { processed, failed };
      }
      const wait = dueAt - clock.now();
      assert.ok(wait > 0 || result.processed > 0, `Messages are due that the worker does not take.`);
      await moveTime(clock, wait);
    }
  } finally {
    limits.end();
  }
}

/** When a worker has nothing to do but to wait for a rate limit, moves the clock; or until `'idle'`, stops it. */
function passRateLimits(events: MessengerEvents, clock: Clock, until: 'empty' | 'idle') {
  let retryAfter = 0;
  let obstacle: Error | undefined;
  const ends = [
    events.on(WorkerRateLimitedEvent, (event) => void (retryAfter = event.retryAfter)),
    events.on(WorkerRunningEvent, async ({ isIdle, worker }) => {
      if (!isIdle || retryAfter === 0) {
        return;
      }
      if (until === 'idle') {
        worker.stop('a rate limit is used up');
        return;
      }
      try {
        await moveTime(clock, retryAfter);
      } catch (error) {
        obstacle = error as Error;
        worker.stop('time cannot be moved');
      }
    }),
  ];
  return {
    end: () => ends.forEach((end) => end()),
    assertPassed: () => {
      retryAfter = 0;
      if (obstacle !== undefined) {
        throw obstacle;
      }
    },
  };
}

/** The transports of these names, and the one clock that all of them go by. */
function inMemoryTransports(app: ApplicationContext, names: readonly string[], expectedClock?: FakeClock) {
  const registry = app.get(TransportRegistry, { strict: false });
  const transports = names.map((name) => {
    const transport = registry.get(name);
    assert.ok(
      transport instanceof InMemoryTransport,
      `Transport "${name}" is not in memory. Give it the DSN "in-memory://", or override its provider.`,
    );
    return transport;
  });
  const clock = expectedClock ?? transports[0]?.clock;
  assert.ok(clock, 'Name at least one transport.');
  transports.forEach((transport, index) =>
    assert.ok(
      transport.clock === clock,
      `Transport "${names[index]}" goes by another clock. Make it with "new InMemoryTransport({ clock })".`,
    ),
  );
  return { transports, clock };
}

function earliestDueTime(transports: readonly InMemoryTransport[]): number | undefined {
  const times = transports.flatMap(({ nextDueAt }) => nextDueAt ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

async function moveTime(clock: Clock, ms: number): Promise<void> {
  if (ms > 0) {
    assert.ok(
      clock instanceof FakeClock,
      `The next message is due in ${ms} ms by the time of the machine, which cannot be moved. ` +
        `Make the transport with "new InMemoryTransport({ clock: new FakeClock() })", or process until "idle".`,
    );
    await clock.advance(ms);
  }
}
