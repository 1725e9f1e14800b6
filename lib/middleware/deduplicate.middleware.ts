import { randomUUID } from 'node:crypto';
import type { Envelope } from '../envelope/envelope.js';
import { isThrown } from '../errors/is-thrown.js';
import { MaybeSentError } from '../errors/maybe-sent.error.js';
import { PartiallySentError } from '../errors/partially-sent.error.js';
import type { SendersLocator } from '../routing/senders-locator.js';
import type { TransportSender } from '../routing/transport-sender.js';
import { DeduplicateStamp } from '../stamp/deduplicate.stamp.js';
import { DeduplicationLockStamp } from '../stamp/deduplication-lock.stamp.js';
import { DuplicateStamp } from '../stamp/duplicate.stamp.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { type SendTogether, SendTogetherStamp } from '../stamp/send-together.stamp.js';
import type { MessageLocks } from '../transport/message-locks.js';
import type { Middleware, Next } from './middleware.js';

/** What {@link DeduplicateMiddleware} needs. */
export interface DeduplicateOptions {
  readonly locks: MessageLocks;
  readonly senders: SendersLocator;
  readonly sender: TransportSender;
  readonly newId?: () => string;
}

/**
 * Drops a message with a `DeduplicateStamp` if another one has its lock, see there.
 *
 * - Dispatched: the lock is taken before the application's own middleware runs. It stays with a message that was stored, or
 *   may have been; one that was refused, or handled here, releases it at once, whatever the outcome.
 * - Received: the lock is released once the handlers have succeeded, or before they run (`onlyInQueue`). What becomes of
 *   it when they fail, the `FailureHandler` decides.
 *
 * A process that ends between the taking and the storing leaves a lock that ends by itself.
 */
export class DeduplicateMiddleware implements Middleware {
  readonly #options: DeduplicateOptions;
  readonly #newToken: () => string;

  constructor(options: DeduplicateOptions) {
    this.#options = options;
    this.#newToken = options.newId ?? randomUUID;
  }

  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const stamp = envelope.last(DeduplicateStamp);
    if (stamp === undefined) {
      return next(envelope);
    }
    return envelope.has(ReceivedStamp)
      ? this.#receive(stamp, envelope, next)
      : this.#dispatch(stamp, envelope, next);
  }

  async #receive(stamp: DeduplicateStamp, envelope: Envelope, next: Next): Promise<Envelope> {
    const { locks } = this.#options;
    if (stamp.onlyInQueue) {
      await locks.release(envelope);
      return next(envelope);
    }
    const handled = await next(envelope);
    await locks.release(envelope);
    return handled;
  }

  async #dispatch(stamp: DeduplicateStamp, envelope: Envelope, next: Next): Promise<Envelope> {
    const { locks, senders } = this.#options;
    const storeName = locks.storeOf(envelope, senders.transportNamesOf(envelope));
    const locked = envelope
      .without(DeduplicationLockStamp)
      .without(DuplicateStamp)
      .with(new DeduplicationLockStamp(storeName, this.#newToken()));
    if (!(await locks.acquire(locked))) {
      return envelope.with(new DuplicateStamp(stamp.key));
    }
    const sending = this.#watchedSending(envelope);
    try {
      const result = await next(locked.without(SendTogetherStamp).with(new SendTogetherStamp(sending.send)));
      return result.without(SendTogetherStamp);
    } finally {
      if (!sending.isStored()) {
        await locks.release(locked);
      }
    }
  }

  /**
   * A way to send the message that notes whether a transport has it afterwards. The error that a dispatch ends with does
   * not tell: a middleware of the application may have wrapped it, or thrown one of its own after the message was sent.
   */
  #watchedSending(envelope: Envelope): { readonly send: SendTogether; readonly isStored: () => boolean } {
    const together = envelope.last(SendTogetherStamp);
    let isStored = false;
    return {
      isStored: () => isStored,
      send: async (outgoing, transportNames) => {
        try {
          const sent = await (together ?? this.#options.sender).send(outgoing, transportNames);
          isStored = true;
          return sent;
        } catch (error) {
          isStored = isThrown(error, MaybeSentError) || isThrown(error, PartiallySentError);
          throw error;
        }
      },
    };
  }
}
