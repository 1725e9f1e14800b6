import type { Clock } from '../envelope/clock.js';
import type { Envelope } from '../envelope/envelope.js';
import { isThrown } from '../errors/is-thrown.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import { MessageRefusedError } from '../errors/message-refused.error.js';
import { OutboxRefusedError } from '../errors/outbox-refused.error.js';
import { TransportError } from '../errors/transport.error.js';
import type { MessengerLogger } from '../event/logger.js';
import type { FailureHandler } from '../failure/failure-handler.js';
import { outOfOutbox } from '../transport/outbox-envelope.js';
import type { Outbox } from '../transport/outboxes.js';
import { Settler } from '../transport/settler.js';
import type { Sender } from '../transport/transport.js';
import type { ClaimedMessages } from './claimed-messages.js';

/** What an {@link OutboxForwarder} needs. */
export interface OutboxForwarderOptions {
  readonly outbox: Outbox;
  readonly target: Sender;
  readonly failureHandler: FailureHandler;
  readonly clock: Clock;
  readonly logger: MessengerLogger;
  /** Called when the target has confirmed messages. */
  readonly onStored: () => void;
}

/**
 * Sends what a relay has claimed to the target, in order. What the target has confirmed is in `confirmed` and still to be
 * settled, whether the rest could be sent or not.
 *
 * A message that the target refuses for good goes to the failure transport of the target, and those after it go on.
 */
export class OutboxForwarder {
  readonly #options: OutboxForwarderOptions;

  constructor(options: OutboxForwarderOptions) {
    this.#options = options;
  }

  /**
   * Sends all of them with one call.
   *
   * @throws what the target throws; nobody knows then which of them it has.
   */
  async sendTogether(claimed: ClaimedMessages, confirmed: Envelope[]): Promise<void> {
    const envelopes = claimed.left;
    const copies = this.#copiesOf(envelopes);
    // The last thing before: what follows is up to the target.
    if (await claimed.isHeld()) {
      await this.#send(copies);
      confirmed.push(...envelopes);
    }
  }

  /**
   * Sends one after the other, so that it is known which of them the target has, and which it refuses.
   *
   * @param isStopping asked before each one.
   * @throws what the target throws, unless it refuses a message for good.
   */
  async sendEach(claimed: ClaimedMessages, confirmed: Envelope[], isStopping: () => boolean): Promise<void> {
    for (const envelope of claimed.left) {
      if (isStopping() || !(await claimed.isHeld())) {
        return;
      }
      try {
        await this.#send(this.#copiesOf([envelope]));
        confirmed.push(envelope);
      } catch (error) {
        if (!isRefusal(error)) {
          throw error;
        }
        await this.#giveUp(envelope, error);
        claimed.forget([envelope]);
      }
    }
  }

  #copiesOf(envelopes: readonly Envelope[]): readonly Envelope[] {
    const now = this.#options.clock.now();
    return envelopes.map((envelope) => outOfOutbox(envelope, now));
  }

  async #send(copies: readonly Envelope[]): Promise<void> {
    const { target, outbox, onStored } = this.#options;
    const sent = await target.send(copies);
    if (sent.length !== copies.length) {
      const what = `answered with ${sent.length} envelopes for ${copies.length} that were sent.`;
      throw new TransportError(outbox.targetName, what);
    }
    onStored();
  }

  /** Stores a copy in the failure transport of the target, and then takes the message off the outbox. Never rejects. */
  async #giveUp(received: Envelope, cause: unknown): Promise<void> {
    const { outbox, failureHandler, logger } = this.#options;
    const { targetName: transportName, queue: receiver } = outbox;
    const settler = new Settler(receiver, transportName, logger);
    const error = new OutboxRefusedError(transportName, cause);
    await failureHandler.handle({ received, error, transportName, receiver, settler });
  }
}

/** Whether an error means that the target will never take this message, rather than none at the moment. */
export function isRefusal(error: unknown): boolean {
  return isThrown(error, MessageEncodingFailedError) || isThrown(error, MessageRefusedError);
}
