import { AmqpCork } from './amqp.cork.js';
import { AmqpDeadlines } from './amqp.deadlines.js';
import type { AmqpConfirmChannel, AmqpMessage, AmqpMessageFields } from './amqp.driver.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import { type AmqpPublication, isStale } from './amqp.publication.js';
import { AmqpPublishOptions } from './amqp.publish-options.js';
import type { AmqpPublishingErrors } from './amqp.publishing-errors.js';

/** What an {@link AmqpConfirms} needs. */
export interface AmqpConfirmsSetup {
  readonly channel: AmqpConfirmChannel;
  readonly options: ResolvedAmqpOptions;
  readonly errors: AmqpPublishingErrors;
  /** Something that was declared is gone. */
  readonly onGone: () => void;
  /** The channel cannot be used any more. Called once. */
  readonly onLost: () => void;
}

/** `unwritten`: the channel was lost, or the address became stale, before the message was written. It can be sent again. */
export type AmqpSendOutcome = 'confirmed' | 'unwritten';

interface Pending {
  readonly publication: AmqpPublication;
  readonly resolve: (outcome: AmqpSendOutcome) => void;
  readonly reject: (error: Error) => void;
  /** It came back. The broker says so before it confirms the message. */
  returned?: AmqpMessageFields;
  /** What the driver said of it. */
  failure?: Error;
}

/**
 * The messages on one confirm channel. While the socket takes no more, they wait here, in order, and are written as it takes
 * them; once written, they wait for the broker's word, all at the same time.
 */
export class AmqpConfirms {
  readonly #setup: AmqpConfirmsSetup;
  readonly #cork: AmqpCork;
  readonly #optionsFor = new AmqpPublishOptions();
  readonly #unwritten: AmqpDeadlines<Pending>;
  readonly #unconfirmed: AmqpDeadlines<Pending>;
  #failed: Pending[] = [];
  #isFull = false;
  #isLost = false;
  /** With which the broker closed the channel, if it did. */
  #channelError: Error | undefined;
  #onIdle: (() => void) | undefined;

  constructor(setup: AmqpConfirmsSetup) {
    const { channel, options, errors } = setup;
    this.#setup = setup;
    this.#cork = new AmqpCork(channel);
    // That the socket is slow does not mean yet that the broker blocks it.
    const patience = options.blockedTimeout || options.confirmTimeout;
    this.#unwritten = new AmqpDeadlines(patience, ({ reject }) => {
      reject(errors.stuck(patience));
      this.#checkIdle();
    });
    this.#unconfirmed = new AmqpDeadlines(options.confirmTimeout, ({ reject, publication }) => {
      reject(errors.unconfirmed(publication));
      this.#checkIdle();
    });
    channel.on('drain', () => this.#drained());
    channel.on('return', (message) => this.#returned(message));
    channel.on('error', (error) => (this.#channelError = error));
    channel.on('close', () => this.#lost());
  }

  /**
   * Resolves when the broker has confirmed the message, or when it could not be written.
   *
   * @throws MaybeSentError, TransportError.
   */
  send(publication: AmqpPublication): Promise<AmqpSendOutcome> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { publication, resolve, reject };
      if (this.#isLost) {
        resolve('unwritten');
      } else if (this.#isFull) {
        this.#unwritten.add(pending);
      } else {
        this.#write(pending);
      }
    });
  }

  /** Waits for the messages that are on their way, then closes the channel. Never rejects. */
  async close(): Promise<void> {
    if (this.#unwritten.size + this.#unconfirmed.size > 0) {
      await new Promise<void>((resolve) => (this.#onIdle = resolve));
    }
    if (!this.#isLost) {
      await this.#setup.channel.close().catch(() => undefined);
    }
  }

  #write(pending: Pending): void {
    const { address, body } = pending.publication;
    this.#unconfirmed.add(pending);
    try {
      this.#isFull = !this.#setup.channel.publish(
        address.exchange,
        address.routingKey,
        body,
        this.#optionsFor.of(pending.publication),
        (error) => this.#answered(pending, error),
      );
      this.#cork.hold();
    } catch (error) {
      this.#unconfirmed.delete(pending);
      if ((error as { name?: unknown }).name === 'IllegalOperationError') {
        // The channel is closed, and its event is still to come.
        pending.resolve('unwritten');
        this.#lost();
      } else {
        pending.reject(this.#setup.errors.unsendable(pending.publication, error));
      }
      this.#checkIdle();
    }
  }

  #drained(): void {
    this.#isFull = false;
    for (const pending of this.#unwritten) {
      if (this.#isFull) {
        break;
      }
      this.#unwritten.delete(pending);
      if (isStale(pending.publication.address)) {
        pending.resolve('unwritten');
      } else {
        this.#write(pending);
      }
    }
    this.#checkIdle();
  }

  #answered(pending: Pending, error: Error | null): void {
    if (!this.#unconfirmed.delete(pending)) {
      // It comes too late.
      return;
    }
    if (error !== null) {
      this.#fail(pending, error);
    } else if (pending.returned === undefined) {
      pending.resolve('confirmed');
    } else {
      this.#rejectReturned(pending, pending.returned);
    }
    this.#checkIdle();
  }

  /** Matched by id; of several with one id, the oldest: messages come back in the order in which they were published. */
  #returned({ fields, properties }: AmqpMessage): void {
    for (const pending of this.#unconfirmed) {
      const { address, properties: sent } = pending.publication;
      if (
        pending.returned === undefined &&
        sent.messageId === properties.messageId &&
        address.exchange === fields.exchange &&
        address.routingKey === fields.routingKey
      ) {
        pending.returned = fields;
        return;
      }
    }
  }

  /** The driver answers for all messages of a channel before it says that the channel is closed, and why its connection was lost. */
  #fail(pending: Pending, error: Error): void {
    pending.failure = error;
    this.#failed.push(pending);
    if (this.#failed.length === 1) {
      queueMicrotask(() => this.#rejectFailed());
    }
  }

  #rejectFailed(): void {
    const failed = this.#failed;
    this.#failed = [];
    for (const pending of failed) {
      if (pending.returned === undefined) {
        pending.reject(this.#errorOf(pending, failed.length));
      } else {
        this.#rejectReturned(pending, pending.returned);
      }
    }
  }

  #errorOf({ publication, failure }: Pending, count: number): Error {
    const { errors } = this.#setup;
    if (!this.#isLost) {
      return errors.refused(publication, failure);
    }
    // The broker does not say which message it closed the channel for. What was written before that one may be stored.
    return this.#channelError !== undefined && count === 1
      ? errors.rejected(this.#channelError)
      : errors.lost(publication, this.#channelError ?? failure);
  }

  #rejectReturned({ publication, reject }: Pending, fields: AmqpMessageFields): void {
    this.#setup.onGone();
    reject(this.#setup.errors.unroutable(publication, fields));
  }

  #lost(): void {
    if (this.#isLost) {
      return;
    }
    this.#isLost = true;
    if (this.#channelError !== undefined) {
      this.#setup.onGone();
    }
    this.#setup.onLost();
    this.#unwritten.takeAll().forEach(({ resolve }) => resolve('unwritten'));
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.#onIdle !== undefined && this.#unwritten.size + this.#unconfirmed.size === 0) {
      this.#onIdle();
      this.#onIdle = undefined;
    }
  }
}
