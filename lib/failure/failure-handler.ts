import type { Clock } from '../envelope/clock.js';
import type { Envelope } from '../envelope/envelope.js';
import { isThrown } from '../errors/is-thrown.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import type { MessengerLogger } from '../event/logger.js';
import type { MessengerEvents } from '../event/messenger-events.js';
import { WorkerMessageFailedEvent } from '../event/worker-message-failed.event.js';
import { WorkerMessageRetriedEvent } from '../event/worker-message-retried.event.js';
import { DeduplicationLockStamp } from '../stamp/deduplication-lock.stamp.js';
import { DelayStamp } from '../stamp/delay.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import { SentForRetryStamp } from '../stamp/sent-for-retry.stamp.js';
import { SentToFailureTransportStamp } from '../stamp/sent-to-failure-transport.stamp.js';
import { isReleasable } from '../transport/capabilities.js';
import { MessageLocks } from '../transport/message-locks.js';
import type { Settler } from '../transport/settler.js';
import type { Receiver } from '../transport/transport.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import { describeFailure } from './describe-failure.js';
import { withFailedAttempt } from './failure-history.js';
import type { FailurePolicies, FailurePolicy } from './failure-policy.js';
import { replaceByCopy } from './replace-by-copy.js';
import { decideRetry, FALLBACK_DELAY_MS, isDelay, type RetryDecision } from './retry-decision.js';
import { sendableCopy } from './sendable-copy.js';
import { simplerCopies } from './simpler-copies.js';

/**
 * What became of a message that failed:
 * - `retried`: a copy waits in its transport for another try;
 * - `failed-over`: a copy is in the failure transport;
 * - `kept`: it stays where it is: it failed again in its failure transport, or its copy could not be stored;
 * - `discarded`: it is gone, since there is no failure transport.
 */
export type FailureOutcome = 'retried' | 'failed-over' | 'kept' | 'discarded';

/** A message whose handling failed. */
export interface Failure {
  /** The envelope as the transport handed it out. */
  readonly received: Envelope;
  readonly error: unknown;
  readonly transportName: string;
  readonly receiver: Receiver;
  readonly settler: Settler;
  /** Somebody retries the message by hand: if it fails it stays where it is, at once available again. */
  readonly isManualRetry?: boolean;
}

/** What {@link FailureHandler} needs. */
export interface FailureHandlerOptions {
  readonly transports: TransportRegistry;
  readonly policies: FailurePolicies;
  readonly events: MessengerEvents;
  readonly logger: MessengerLogger;
  readonly clock: Clock;
  /** The name of this host, for the history of a message. */
  readonly host: string;
}

/** A message that a worker consumed from a failure transport, and that failed all its tries, waits this long for the next. */
const PARKED_MS = 3_600_000;

/** How long a message waits whose copy could not be stored anywhere. */
const STORE_FAILED_MS = 5_000;

/**
 * Everything that follows a failed handling, in order:
 *
 * 1. the attempt is added to the history the message carries;
 * 2. it is decided whether to try again (`decideRetry`);
 * 3. listeners hear of it, and may change the decision;
 * 4. a copy is stored: in the same transport with a delay, or in the failure transport;
 * 5. only then is the original settled; in the same step where the transport can;
 * 6. the lock of a `DeduplicateStamp` is released if the message was given up. One that will be tried again keeps it.
 *
 * A crash between 4 and 5 leaves both, so a message may be doubled but is never lost. A message that cannot be stored
 * anywhere stays with its transport. Nothing in here throws.
 */
export class FailureHandler {
  readonly #options: FailureHandlerOptions;
  readonly #locks: MessageLocks;

  constructor(options: FailureHandlerOptions) {
    this.#options = options;
    this.#locks = new MessageLocks(options);
  }

  async handle(failure: Failure): Promise<FailureOutcome> {
    const { events, clock, host } = this.#options;
    try {
      const now = new Date(clock.now());
      const envelope = withFailedAttempt(
        sendableCopy(failure.received, failure.error),
        failure.error,
        now,
        host,
      );
      const decision = this.#decide(envelope, failure);
      const event = new WorkerMessageFailedEvent(
        envelope,
        failure.transportName,
        failure.error,
        decision.retry,
        decision.retry ? decision.delay : 0,
      );
      await events.notify(event);
      // A listener may have set a delay that is none.
      const delay = isDelay(event.retryDelay) ? event.retryDelay : FALLBACK_DELAY_MS;
      if (event.willRetry) {
        return await this.#retry(failure, event.envelope, delay);
      }
      const outcome = await this.#giveUp(failure, event.envelope);
      await this.#locks.release(failure.received);
      return outcome;
    } catch (error) {
      return this.#keep(failure, error);
    }
  }

  #decide(envelope: Envelope, failure: Failure): RetryDecision {
    if (failure.isManualRetry === true) {
      return { retry: false };
    }
    try {
      return decideRetry(envelope, failure.error, this.#policyOf(failure.transportName).retryStrategy);
    } catch (error) {
      this.#options.logger.log('error', `The retry strategy of transport "${failure.transportName}" threw.`, {
        error,
      });
      return { retry: false };
    }
  }

  async #retry(failure: Failure, envelope: Envelope, delay: number): Promise<FailureOutcome> {
    const { events, logger, clock } = this.#options;
    await this.#locks.keep(failure.received, delay);
    const retryCount = (failure.received.last(RedeliveryStamp)?.retryCount ?? 0) + 1;
    const copy = replaceStamps(
      envelope,
      new DelayStamp(delay),
      new RedeliveryStamp(retryCount, new Date(clock.now())),
    );
    await this.#store(failure, copy, failure.transportName);
    logger.log('warn', `${textOf(failure)} Retry ${retryCount} in ${delay} ms.`, {
      error: failure.error,
    });
    await events.notify(
      new WorkerMessageRetriedEvent(copy.with(new SentForRetryStamp(true)), failure.transportName, delay),
    );
    return 'retried';
  }

  async #giveUp(failure: Failure, envelope: Envelope): Promise<FailureOutcome> {
    const { logger, clock } = this.#options;
    const { received, transportName, error } = failure;
    const text = textOf(failure);
    const redelivery = new RedeliveryStamp(0, new Date(clock.now()));
    if (received.has(SentToFailureTransportStamp) && this.#isFailureTransport(transportName)) {
      const delay = failure.isManualRetry === true ? 0 : PARKED_MS;
      await this.#store(failure, replaceStamps(envelope, new DelayStamp(delay), redelivery), transportName);
      logger.log('error', `${text} It stays in failure transport "${transportName}".`, { error });
      return 'kept';
    }
    const { failureTransport } = this.#policyOf(transportName);
    if (failureTransport === undefined) {
      logger.log('error', `${text} It is dropped: transport "${transportName}" has no failure transport.`, {
        error,
      });
      await failure.settler.reject(received);
      return 'discarded';
    }
    const copy = replaceStamps(envelope, redelivery)
      .without(DeduplicationLockStamp)
      .with(new SentToFailureTransportStamp(transportName));
    await this.#store(failure, copy, failureTransport);
    logger.log('error', `${text} It is now in failure transport "${failureTransport}".`, { error });
    return 'failed-over';
  }

  /** Stores the copy, or a simpler one if the serializer refuses it; then settles the original. */
  async #store(failure: Failure, copy: Envelope, target: string): Promise<void> {
    const to = this.#options.transports.get(target);
    let refused: unknown;
    for (const candidate of [copy, ...simplerCopies(copy, failure.received)]) {
      try {
        await replaceByCopy(failure.settler, failure.received, candidate, to);
        return;
      } catch (error) {
        if (!isThrown(error, MessageEncodingFailedError)) {
          throw error;
        }
        refused ??= error;
        const text = 'The copy of a failed message cannot be encoded, and is stored with less.';
        this.#options.logger.log('warn', text, { error });
      }
    }
    throw refused;
  }

  /** The copy could not be stored: the original is not settled, and its transport will hand it out again. Never rejects. */
  async #keep(failure: Failure, error: unknown): Promise<FailureOutcome> {
    const { logger } = this.#options;
    const { received, receiver, transportName } = failure;
    try {
      logger.log('error', `${textOf(failure)} Its copy could not be stored, so it stays there.`, { error });
      if (isReleasable(receiver)) {
        await receiver.release([received], { delay: STORE_FAILED_MS });
      }
    } catch (releaseError) {
      const text = `Transport "${transportName}" could not take a message back; it will be delivered again when its lease ends.`;
      logger.log('error', text, { error: releaseError });
    }
    return 'kept';
  }

  /** The stamp alone proves nothing: anybody who can write to a transport can write one. */
  #isFailureTransport(transportName: string): boolean {
    return [...this.#options.policies.values()].some(
      ({ failureTransport }) => failureTransport === transportName,
    );
  }

  #policyOf(transportName: string): FailurePolicy {
    return this.#options.policies.get(transportName) ?? {};
  }
}

function textOf({ received, transportName, error }: Failure): string {
  return describeFailure(received, transportName, error);
}

function replaceStamps(envelope: Envelope, ...stamps: ReadonlyArray<DelayStamp | RedeliveryStamp>): Envelope {
  return envelope
    .without(DelayStamp)
    .without(RedeliveryStamp)
    .with(...stamps);
}
