import { MaybeSentError } from '../../errors/maybe-sent.error.js';
import { MessageRefusedError } from '../../errors/message-refused.error.js';
import { TransportError } from '../../errors/transport.error.js';
import { AmqpBlockedError } from './amqp.blocked.error.js';
import type { AmqpMessageFields } from './amqp.driver.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import type { AmqpPublication } from './amqp.publication.js';
import type { AmqpSession } from './amqp.session.js';

const WHETHER_STORED =
  'It may be stored, or not. Dispatch it again if being handled twice does no harm; else look whether it arrived.';

/** What a caller is told about a message that was not confirmed. */
export class AmqpPublishingErrors {
  readonly #session: AmqpSession;
  readonly #options: ResolvedAmqpOptions;

  constructor(session: AmqpSession, options: ResolvedAmqpOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** The channel, or its connection, ended before the broker confirmed the message. */
  lost(publication: AmqpPublication, error: unknown): MaybeSentError {
    const explained = this.#session.errorOf(error);
    return new MaybeSentError(
      this.#session.transportName,
      `${this.#server} was lost before it confirmed ${describe(publication)}. ${WHETHER_STORED}`,
      { cause: explained.cause ?? explained },
    );
  }

  /** The broker closed the channel because of this very message. */
  rejected(error: unknown): TransportError {
    return this.#session.errorOf(error);
  }

  /** The broker answered with basic.nack. */
  refused(publication: AmqpPublication, error: unknown): TransportError {
    return new TransportError(
      this.#session.transportName,
      `${this.#server} refused ${describe(publication)} (basic.nack): a queue is full ("x-overflow": "reject-publish"), or has ` +
        'failed. Let workers handle what waits, or look into the log of the broker; then dispatch it again.',
      { cause: error },
    );
  }

  /** It came back, since it reached no queue. */
  unroutable(publication: AmqpPublication, { replyCode, replyText }: AmqpMessageFields): TransportError {
    const { exchange } = publication.address;
    // Queues are declared anew; a binding that is missing stays so.
    const isUnbound = exchange !== '' && exchange !== this.#options.delay.exchangeName;
    const ErrorClass = isUnbound ? MessageRefusedError : TransportError;
    return new ErrorClass(
      this.#session.transportName,
      `${this.#server} found no queue for ${describe(publication)} (${replyCode} ${replyText}). Nothing was stored. ` +
        this.#adviceFor(publication),
    );
  }

  unconfirmed(publication: AmqpPublication): MaybeSentError {
    const { blockedReason } = this.#session.connection;
    const blocked = blockedReason === undefined ? '' : `, for it is blocked: ${blockedReason}`;
    return new MaybeSentError(
      this.#session.transportName,
      `${this.#server} did not confirm ${describe(publication)} within ${this.#options.confirmTimeout} ms ` +
        `("confirm_timeout")${blocked}. ${WHETHER_STORED}`,
    );
  }

  /** The socket took nothing more for `limit` milliseconds. Nothing was sent. */
  stuck(limit: number): TransportError {
    const { blockedReason } = this.#session.connection;
    return this.#session.errorOf(new AmqpBlockedError(blockedReason, limit));
  }

  /** The driver could not write it. Nothing was sent. */
  unsendable(publication: AmqpPublication, error: unknown): TransportError {
    const what =
      error instanceof RangeError
        ? 'its headers are larger than what fits into one frame, or one has a name of more than 255 bytes. Put less into its ' +
          'stamps, or the data into the message.'
        : 'a property or header has a type that AMQP does not have. See the cause.';
    return new MessageRefusedError(
      this.#session.transportName,
      `cannot write ${describe(publication)}: ${what}`,
      {
        cause: error,
      },
    );
  }

  /** It waited for so long that the queue in which it was to wait may be gone. */
  stale(publication: AmqpPublication): TransportError {
    return new TransportError(
      this.#session.transportName,
      `${this.#server} could not be reached in time, so ${describe(publication)} was not sent. Dispatch it again.`,
    );
  }

  /** Connections came and went for so long that it was never written. */
  neverWritten(publication: AmqpPublication): TransportError {
    const { lastFailure } = this.#session.connection;
    return new TransportError(
      this.#session.transportName,
      `${this.#server} was lost again and again, so ${describe(publication)} was not sent. Dispatch it again.`,
      { cause: lastFailure },
    );
  }

  closed(publication: AmqpPublication): TransportError {
    return new TransportError(
      this.#session.transportName,
      `it is closed, so ${describe(publication)} was not sent. Send before the application shuts down.`,
    );
  }

  /** Some of the messages of one call were stored, so that the call as a whole must not be repeated blindly. */
  partly(stored: number, total: number, error: Error): MaybeSentError {
    return new MaybeSentError(
      this.#session.transportName,
      `${stored} of ${total} messages that were sent together are stored; of the others it is not certain. See the cause.`,
      { cause: error },
    );
  }

  get #server(): string {
    return this.#session.connection.server;
  }

  #adviceFor({ address: { exchange, routingKey } }: AmqpPublication): string {
    const { delay, autoSetup } = this.#options;
    const setUp = autoSetup ? '' : ' Run the command "setup-transports", or leave "auto_setup" on.';
    if (exchange === delay.exchangeName) {
      return `The queue "${routingKey}", in which it was to wait, was deleted. Dispatch it again: the queue is then declared anew.`;
    }
    if (exchange === '') {
      return autoSetup
        ? 'Name an existing queue, or dispatch it again if the queue was deleted: it is then declared anew.'
        : `Name an existing queue.${setUp}`;
    }
    return (
      'Bind a queue with this routing key ("binding_keys" of the queue), or give another key in an AmqpStamp. If nobody needs to ' +
      `receive it, set the flag "mandatory" of an AmqpStamp to false.${setUp}`
    );
  }
}

/** Which message, without its content. */
function describe({ address: { exchange, routingKey }, properties: { messageId } }: AmqpPublication): string {
  const id = messageId === undefined ? '' : ` "${messageId}"`;
  return exchange === ''
    ? `message${id} for queue "${routingKey}"`
    : `message${id} for exchange "${exchange}" with routing key "${routingKey}"`;
}
