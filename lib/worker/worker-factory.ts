import { AsyncResource } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { MessageBus } from '../bus/message-bus.js';
import type { Clock } from '../envelope/clock.js';
import type { Envelope } from '../envelope/envelope.js';
import { NotConsumableError } from '../errors/not-consumable.error.js';
import type { MessengerLogger } from '../event/logger.js';
import type { MessengerEvents } from '../event/messenger-events.js';
import type { FailedMessages } from '../failure/failed-messages.js';
import type { FailureHandler } from '../failure/failure-handler.js';
import type { HandlerRunner } from '../handler/handler-runner.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { isPushed, isQueueAware, isReleasable } from '../transport/capabilities.js';
import type { Outboxes } from '../transport/outboxes.js';
import { Settler } from '../transport/settler.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import type { BackgroundTask, TaskListener } from './background-task.js';
import { FailedMessageRetrier } from './failed-message-retrier.js';
import { MessageProcessor } from './message-processor.js';
import { OutboxRelay } from './outbox-relay.js';
import type { RateLimiter } from './rate-limiter.js';
import { ReadAhead } from './read-ahead.js';
import { type FeedListener, ReceiverFeed } from './receiver-feed.js';
import { RollCall } from './roll-call.js';
import { WorkerRolls } from './worker-rolls.js';
import { type Resettable, ServiceResetter } from './service-resetter.js';
import {
  failureLimit,
  memoryLimit,
  messageLimit,
  type StopCondition,
  stopRequest,
  timeLimit,
} from './stop-conditions.js';
import { StopSignal } from './stop-signal.js';
import { Worker } from './worker.js';
import { type ResolvedWorkerOptions, resolveWorkerOptions, type WorkerOptions } from './worker-options.js';

/** What every worker of an application shares. */
export interface WorkerEnvironment {
  readonly transports: TransportRegistry;
  readonly outboxes: Outboxes;
  /** Where messages are dispatched unless a worker names a bus: the routable bus. */
  readonly bus: MessageBus;
  readonly failureHandler: FailureHandler;
  readonly runner: HandlerRunner;
  /** The names of the handlers of a message, on the bus it names unless another is given. */
  readonly handlerNamesOf: (envelope: Envelope, busName?: string) => readonly string[];
  /** Rate limiters by transport name. */
  readonly rateLimiters: ReadonlyMap<string, RateLimiter>;
  readonly resettables: () => readonly Resettable[];
  /** What goes on beside the messages while workers run. */
  readonly background: readonly BackgroundTask[];
  readonly events: MessengerEvents;
  readonly logger: MessengerLogger;
  readonly clock: Clock;
  readonly host: string;
}

const DEAF: FeedListener = {
  onChange: () => undefined,
  onRefused: () => undefined,
  arrivingSince: () => performance.now(),
};

/** Makes workers. */
export class WorkerFactory {
  readonly #environment: WorkerEnvironment;
  readonly #context = new AsyncResource('MessengerWorker');

  constructor(environment: WorkerEnvironment) {
    this.#environment = environment;
  }

  /**
   * Makes a worker for these transports, the first having the highest priority. Beside their messages it serves the outboxes
   * of these transports, and those that they keep.
   *
   * @param bus dispatch on this bus, whatever bus a message names.
   * @throws UnknownTransportError, InvalidOptionError, NotConsumableError.
   */
  create(receivers: readonly string[], options: WorkerOptions = {}, bus?: MessageBus): Worker {
    const { transports, events, logger, clock, runner, failureHandler, resettables, background, host } =
      this.#environment;
    const { handlerNamesOf } = this.#environment;
    const resolved = resolveWorkerOptions(options);
    receivers.forEach((name) => this.#assertConsumable(name, resolved));
    return new Worker({
      id: `${host}:${process.pid}:${randomBytes(3).toString('hex')}`,
      options: resolved,
      context: this.#context,
      createFeeds: (listener) =>
        receivers.map((name) => this.#createFeed(name, resolved, listener, name === receivers.at(-1))),
      createTasks: (listener) => [...this.#createRelays(receivers, listener), ...background],
      processor: new MessageProcessor({ bus: bus ?? this.#environment.bus, failureHandler, events, logger }),
      runner,
      resetter: new ServiceResetter(resettables(), resolved.reset, logger),
      stopConditions: stopConditionsOf(resolved),
      stopSignal: new StopSignal(transports, receivers),
      rollCall: new RollCall({
        rolls: new WorkerRolls(transports, receivers).near,
        process: { host, pid: process.pid, memory: () => process.memoryUsage.rss() },
        logger,
      }),
      handlerNamesOf: (received, transportName) =>
        handlerNamesOf(received.with(new ReceivedStamp(transportName)), bus?.name),
      events,
      logger,
      clock,
    });
  }

  /** Makes what runs messages of a failure transport again. */
  createRetrier(failedMessages: FailedMessages): FailedMessageRetrier {
    const { bus, failureHandler, events, logger, runner } = this.#environment;
    return new FailedMessageRetrier({
      failedMessages,
      createFeed: (name) => this.#createFeed(name, resolveWorkerOptions({}), DEAF),
      processor: new MessageProcessor({ bus, failureHandler, events, logger }),
      runner,
      logger,
    });
  }

  #createRelays(receivers: readonly string[], listener: TaskListener): readonly BackgroundTask[] {
    const { transports, outboxes, failureHandler, clock, logger } = this.#environment;
    return outboxes.servedBy(receivers).map(
      (outbox) =>
        new OutboxRelay({
          outbox,
          target: transports.get(outbox.targetName),
          failureHandler,
          clock,
          logger,
          ...listener,
        }),
    );
  }

  /** @param isLast whether no other waits for this one to be empty. */
  #createFeed(
    name: string,
    options: ResolvedWorkerOptions,
    listener: FeedListener,
    isLast = true,
  ): ReceiverFeed {
    const { transports, rateLimiters, clock, events, logger } = this.#environment;
    const receiver = transports.get(name);
    // What cannot be given back is not read ahead, unless somebody insists.
    const prefetch = options.prefetch === 'auto' && !isReleasable(receiver) ? 0 : options.prefetch;
    return new ReceiverFeed({
      name,
      receiver,
      settler: new Settler(receiver, name, logger),
      readAhead: new ReadAhead(prefetch, options.concurrency),
      concurrency: options.concurrency,
      fetchSize: options.fetchSize,
      sleep: options.sleep,
      queues: options.queues,
      // To ask once more costs a little, so it is only done where something depends on the answer.
      emptiedByFewer: !isPushed(receiver) || (isLast && !options.stopWhenIdle),
      rateLimiter: rateLimiters.get(name),
      clock,
      events,
      logger,
      ...listener,
    });
  }

  #assertConsumable(name: string, { queues }: ResolvedWorkerOptions): void {
    const transport = this.#environment.transports.get(name);
    if (queues !== undefined && !isQueueAware(transport)) {
      throw new NotConsumableError(name, 'has no queues to choose from; leave "queues" out');
    }
  }
}

function stopConditionsOf(options: ResolvedWorkerOptions): readonly StopCondition[] {
  return [
    ...(options.limit === undefined ? [] : [messageLimit(options.limit)]),
    ...(options.failureLimit === undefined ? [] : [failureLimit(options.failureLimit)]),
    ...(options.timeLimit === undefined ? [] : [timeLimit(options.timeLimit)]),
    ...(options.memoryLimit === undefined ? [] : [memoryLimit(options.memoryLimit)]),
    stopRequest(),
  ];
}
