import type { Envelope } from '../envelope/envelope.js';
import type { MessengerLogger } from '../event/logger.js';
import type { MessengerEvents } from '../event/messenger-events.js';
import { type SuspectedMessage, WorkerBlockedEvent } from '../event/worker-blocked.event.js';
import type { WorkerInfo } from '../event/worker-info.js';
import { shownMessageName } from '../message/shown-message-name.js';
import type { MessageDelivery } from './message-delivery.js';
import type { ResolvedWorkerOptions } from './worker-options.js';

/** What an {@link EventLoopWatch} needs. */
export interface EventLoopWatchOptions {
  readonly options: Pick<ResolvedWorkerOptions, 'blockWarning'>;
  /** What is being handled. */
  readonly deliveries: Iterable<MessageDelivery>;
  /** The names of the handlers that a message from a transport has. */
  readonly handlerNamesOf: (received: Envelope, transportName: string) => readonly string[];
  readonly info: WorkerInfo;
  readonly events: MessengerEvents;
  readonly logger: MessengerLogger;
}

/**
 * Notices that the event loop stood still, by a timer of the worker that comes late, and tells what was being handled.
 *
 * A handler that blocks and then returns is finished before any timer fires. So messages that took long are kept until the next
 * look; the time that each took is measured anyway.
 */
export class EventLoopWatch {
  /** Messages that took at least so many milliseconds are of interest. */
  readonly limit: number;
  readonly #options: EventLoopWatchOptions;
  #finished: MessageDelivery[] = [];
  #cpuTime = cpuTime();

  constructor(options: EventLoopWatchOptions) {
    this.#options = options;
    this.limit = options.options.blockWarning;
  }

  /** A message was handled that took {@link limit} or longer. */
  tookLong(delivery: MessageDelivery): void {
    this.#finished.push(delivery);
  }

  /** @param lateness by how much a timer was late, in milliseconds. */
  look(lateness: number): void {
    const finished = this.#finished;
    this.#finished = [];
    const before = this.#cpuTime;
    this.#cpuTime = cpuTime();
    if (lateness >= this.limit) {
      this.#report(lateness, this.#cpuTime - before, [...finished, ...this.#options.deliveries]);
    }
  }

  #report(lateness: number, used: number, deliveries: readonly MessageDelivery[]): void {
    const { info, events, logger } = this.#options;
    // What was started after the standstill had no part in it.
    const since = performance.now() - this.limit;
    const suspects = deliveries
      .filter(({ startedAt }) => startedAt <= since)
      .map((delivery) => this.#suspect(delivery));
    logger.log(
      'warn',
      `The event loop of worker ${info.id} stood still for ${inSeconds(lateness)} (processor time: ${inSeconds(used)}). ` +
        `${blame(suspects)} Leases, signals and time-outs had to wait. Move long computations to a worker thread.`,
    );
    if (events.hasListeners(WorkerBlockedEvent)) {
      void events.notify(new WorkerBlockedEvent(info, lateness, used, suspects));
    }
  }

  #suspect({ received, feed }: MessageDelivery): SuspectedMessage {
    return {
      messageName: shownMessageName(received.message),
      transportName: feed.name,
      handlerNames: this.#options.handlerNamesOf(received, feed.name),
    };
  }
}

function blame(suspects: readonly SuspectedMessage[]): string {
  if (suspects.length === 0) {
    return 'No handler was running.';
  }
  const texts = suspects.map(({ messageName, transportName, handlerNames }) => {
    const handlers = handlerNames.length === 0 ? 'its handler' : handlerNames.join(', ');
    return `${handlers} ("${messageName}" from transport "${transportName}")`;
  });
  return `Running meanwhile: ${[...new Set(texts)].join('; ')}.`;
}

/** What this process has used of processors so far, in milliseconds. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
