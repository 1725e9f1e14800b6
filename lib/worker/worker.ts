import { quoted } from '../errors/quoted.js';
import type { NotConsumableError } from '../errors/not-consumable.error.js';
import type { WorkerInfo } from '../event/worker-info.js';
import { WorkerRunningEvent } from '../event/worker-running.event.js';
import { WorkerStartedEvent } from '../event/worker-started.event.js';
import { WorkerStoppedEvent } from '../event/worker-stopped.event.js';
import { SerializedMessageStamp } from '../stamp/serialized-message.stamp.js';
import { abandonDeliveries } from './abandon-deliveries.js';
import { awaitSettlements } from './await-settlements.js';
import type { BackgroundTask } from './background-task.js';
import { DeliveriesInHand } from './deliveries-in-hand.js';
import { EventLoopTurn } from './event-loop-turn.js';
import { EventLoopWatch } from './event-loop-watch.js';
import { Housekeeping } from './housekeeping.js';
import { isSettledWithin } from './is-settled-within.js';
import { LeaseKeeper } from './lease-keeper.js';
import { MessageDelivery } from './message-delivery.js';
import type { ProcessedMessage } from './message-processor.js';
import type { ReceiverFeed } from './receiver-feed.js';
import type { WorkerParts } from './worker-parts.js';
import type { WorkerResult } from './worker-result.js';
import { transportStates, type WorkerState } from './worker-state.js';
import { WorkerTally } from './worker-tally.js';

/**
 * Takes messages from receivers, handles them, and settles them, until a stop condition is met or it is stopped.
 *
 * There is no loop: every change (messages arrived, one is finished, a batch has taken one over, a pause is over) calls
 * `#advance`, which starts what fits into the free slots and then lets the feeds fetch, in order of priority. `Housekeeping`
 * evaluates the stop conditions ten times a second, so they act while the worker is idle, waits or backs off.
 *
 * To stop means: fetch no more, give back what was not started, finish what runs, handle the batches being gathered,
 * settle, and resolve. Handlers that take longer than the grace period have their signals aborted and are left behind.
 */
export class Worker {
  readonly info: WorkerInfo;
  readonly #parts: WorkerParts;
  readonly #feeds: readonly ReceiverFeed[];
  readonly #tasks: readonly BackgroundTask[];
  readonly #deliveries = new DeliveriesInHand();
  readonly #tally: WorkerTally;
  readonly #turn = new EventLoopTurn();
  readonly #housekeeping: Housekeeping;
  readonly #watch: EventLoopWatch;
  #occupied = 0;
  #isResetting = false;
  #wasIdle = false;
  #refusal: NotConsumableError | undefined;
  #stopReason: string | undefined;
  #run: Promise<WorkerResult> | undefined;
  #onStop: () => void = () => undefined;
  #onDrained: () => void = () => undefined;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#feeds = parts.createFeeds({
      onChange: () => this.#advance(),
      onRefused: (error) => this.stop('a transport cannot be consumed', error),
      arrivingSince: () => this.#housekeeping.arrivingSince,
    });
    this.#tasks = parts.createTasks({
      onIdle: () => this.#advance(),
      onStored: (transportName) => this.#feeds.find(({ name }) => name === transportName)?.expectMessages(),
    });
    this.#tally = new WorkerTally(parts.clock, parts.stopConditions);
    this.#housekeeping = new Housekeeping({
      ...parts,
      startedAt: this.#tally.startedAt,
      keepHouse: (lateness) => this.#keepHouse(lateness),
      isIdle: () => this.#wasIdle,
    });
    this.info = {
      id: parts.id,
      transportNames: this.#feeds.map(({ name }) => name),
      queueNames: parts.options.queues ?? [],
      concurrency: parts.options.concurrency,
      startedAt: new Date(this.#tally.startedAt),
      stop: (reason) => this.stop(reason),
    };
    this.#watch = new EventLoopWatch({ ...parts, deliveries: this.#deliveries, info: this.info });
  }

  /** What it is about now. */
  get state(): WorkerState {
    const { processed, failed, now } = this.#tally;
    const isStopping = this.#stopReason !== undefined;
    const inHand = this.#deliveries.size;
    return { info: this.info, now, isStopping, inHand, processed, failed, ...transportStates(this.#feeds) };
  }

  /**
   * Works until it is stopped. Called again, it returns the same promise.
   *
   * @throws NotConsumableError once it has drained, when a transport turned out to be one it must not consume.
   */
  run(): Promise<WorkerResult> {
    return (this.#run ??= this.#parts.context.runInAsyncScope(() => this.#work()));
  }

  /** Stops as a signal would; called again it changes nothing. Await {@link run} for the end: it rejects with `refusal`. */
  stop(reason: string, refusal?: NotConsumableError): void {
    if (this.#stopReason === undefined) {
      this.#stopReason = reason;
      this.#refusal = refusal;
      this.#onStop();
    }
  }

  async #work(): Promise<WorkerResult> {
    const { events, logger, options, stopSignal, rollCall } = this.#parts;
    const keepers = this.#feeds.map((feed) => new LeaseKeeper(feed, this.#deliveries, logger));
    const stopped = new Promise<void>((resolve) => (this.#onStop = resolve));
    await events.notify(new WorkerStartedEvent(this.info));
    logger.log('info', `Worker ${this.info.id} consumes ${quoted(this.info.transportNames)}.`);
    keepers.forEach((keeper) => keeper.start(options.keepalive));
    this.#tasks.forEach((task) => task.start());
    this.#housekeeping.start();
    rollCall.start(() => this.state);
    const stopListening = stopSignal.onHint(() => this.#askForStop());
    if (this.#stopReason === undefined) {
      this.#advance();
      await stopped;
    }
    const reason = this.#stopReason ?? '';
    logger.log('info', `Worker ${this.info.id} stops: ${reason}.`);
    const abandoned = await this.#drain();
    stopListening();
    this.#housekeeping.stop();
    await Promise.all(keepers.map((keeper) => keeper.stop(options.grace)));
    await events.notify(new WorkerStoppedEvent(this.info, reason));
    await rollCall.stop();
    const { processed, failed, summary } = this.#tally;
    logger.log('info', `Worker ${this.info.id} ${summary}.`);
    if (this.#refusal !== undefined) {
      throw this.#refusal;
    }
    return { reason, processed, failed, abandoned };
  }

  /** Starts what fits, then fetches. Called whenever anything has changed. */
  #advance(): void {
    const isBusy = this.#stopReason !== undefined || this.#isResetting;
    if (isBusy || this.#turn.mustEnd(() => this.#advance())) {
      return;
    }
    const { resetter } = this.#parts;
    if (resetter.isDue && this.#occupied === 0) {
      this.#reset();
      return;
    }
    if (!resetter.isUrgent) {
      this.#startMessages();
    }
    const allowance = (this.#parts.options.limit ?? Number.POSITIVE_INFINITY) - this.#tally.started;
    for (const feed of this.#feeds) {
      if (!feed.replenish(allowance)) {
        return;
      }
    }
    this.#noticeIdle();
  }

  #startMessages(): void {
    const { concurrency, limit = Number.POSITIVE_INFINITY } = this.#parts.options;
    while (this.#occupied < concurrency && this.#tally.started < limit) {
      const feed = this.#feeds.find(({ isStartable }) => isStartable);
      const envelope = feed?.take();
      if (feed === undefined || envelope === undefined) {
        return;
      }
      const delivery = new MessageDelivery(envelope, feed, (yielding) => this.#slotYielded(yielding));
      this.#occupied += 1;
      this.#tally.started += 1;
      feed.running += 1;
      this.#wasIdle = false;
      this.#housekeeping.wake();
      this.#deliveries.add(delivery);
      void this.#parts.processor.process(delivery).then(
        (processed) => this.#finished(delivery, processed),
        // Cannot happen; but if it did, the slot must not stay occupied for ever.
        (error: unknown) => this.#finished(delivery, { outcome: 'failed', error }),
      );
    }
  }

  #finished(delivery: MessageDelivery, { outcome, stopReason }: ProcessedMessage): void {
    const { resetter, events } = this.#parts;
    this.#deliveries.remove(delivery);
    this.#tally.finished(outcome);
    resetter.messageFinished();
    if (!delivery.hasYielded) {
      this.#freeSlot(delivery);
    }
    if (events.hasListeners(WorkerRunningEvent)) {
      void events.notify(new WorkerRunningEvent(this.info, false));
    }
    this.#stopIfDue(stopReason);
    if (this.#deliveries.size === 0) {
      this.#onDrained();
    }
    this.#advance();
  }

  #freeSlot(delivery: MessageDelivery): void {
    const { feed, received, startedAt } = delivery;
    const duration = performance.now() - startedAt;
    this.#occupied -= 1;
    feed.running -= 1;
    feed.readAhead.observe(duration, received.last(SerializedMessageStamp)?.body.length);
    if (duration >= this.#watch.limit) {
      this.#watch.tookLong(delivery);
    }
  }

  /** A message has reached its batch and only waits for others. */
  #slotYielded(delivery: MessageDelivery): void {
    this.#freeSlot(delivery);
    // Not at once: the handler that yields is still on the stack.
    queueMicrotask(() => {
      if (this.#stopReason === undefined) {
        this.#advance();
      } else {
        // While the worker drains there are no others to wait for.
        void this.#parts.runner.flushBatches();
      }
    });
  }

  #reset(): void {
    this.#isResetting = true;
    void this.#parts.resetter.reset().then(() => {
      this.#isResetting = false;
      this.#advance();
    });
  }

  #noticeIdle(): void {
    if (this.#occupied > 0 || !this.#feeds.every((feed) => feed.isQuiet)) {
      return;
    }
    const { events, options, runner } = this.#parts;
    if (!this.#wasIdle && events.hasListeners(WorkerRunningEvent)) {
      void events.notify(new WorkerRunningEvent(this.info, true));
    }
    this.#wasIdle = true;
    if (!options.stopWhenIdle || ![...this.#feeds, ...this.#tasks].every(({ isIdle }) => isIdle)) {
      return;
    }
    // Comes by here again when the messages that waited in a batch are finished, with nothing fetched in between.
    if (this.#deliveries.size === 0) {
      this.stop('every transport is empty');
    } else {
      void runner.flushBatches();
    }
  }

  #keepHouse(lateness: number): void {
    this.#watch.look(lateness);
    if (this.#stopReason !== undefined) {
      return;
    }
    this.#askForStop();
    this.#feeds.filter(({ buffered }) => buffered.length > 0).forEach((feed) => void feed.giveBackStalled());
    this.#stopIfDue();
  }

  #askForStop(): void {
    void this.#parts.stopSignal.requestedAt().then((at) => {
      if (at !== this.#tally.stopRequestedAt) {
        this.#tally.stopRequestedAt = at;
        this.#stopIfDue();
      }
    });
  }

  #stopIfDue(stopReason: string | undefined = this.#tally.reasonToStop()): void {
    if (stopReason !== undefined) {
      this.stop(stopReason);
    }
  }

  /** Gives back, finishes and settles. Resolves with the number of messages left behind. */
  async #drain(): Promise<number> {
    const { options, logger, runner, resetter } = this.#parts;
    const tasksEnded = Promise.all(this.#tasks.map((task) => task.stop(options.grace)));
    await Promise.all(this.#feeds.map((feed) => feed.stop(options.grace)));
    const finished = new Promise<void>((resolve) => (this.#onDrained = resolve));
    const isDrained =
      this.#deliveries.size === 0 ||
      (await isSettledWithin(options.grace, Promise.all([finished, runner.flushBatches()])));
    const abandoned = isDrained ? 0 : abandonDeliveries(this.#deliveries, options.grace, logger);
    await awaitSettlements(this.#feeds, options.grace, logger);
    await tasksEnded;
    if (resetter.isDue) {
      await resetter.reset();
    }
    return abandoned;
  }
}
