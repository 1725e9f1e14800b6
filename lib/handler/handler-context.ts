import type { Envelope } from '../envelope/envelope.js';
import { ConsumedByWorkerStamp } from '../stamp/consumed-by-worker.stamp.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';

/**
 * What a handler may know about the message it is given. Its second argument.
 *
 * @typeParam Transaction what an idempotent handler is given as its transaction, `HandlerContext<EntityManager>` for instance.
 */
export interface HandlerContext<Transaction = object | undefined> {
  readonly envelope: Envelope;
  /** Aborts when the handler's time-out has passed, the lease of the message is lost, or a stop will wait no longer. */
  readonly signal: AbortSignal;
  /** The transport the message was received from; `undefined` when it is handled where it was dispatched. */
  readonly transport: string | undefined;
  /** 1 on the first try, 2 on the first retry, and so on. */
  readonly attempt: number;
  /** The transaction in which an idempotent handler does its work; `undefined` for the others. */
  readonly transaction: Transaction;
}

/** Computes what few handlers read only when it is read. */
export class EnvelopeHandlerContext implements HandlerContext {
  readonly envelope: Envelope;
  readonly transaction: object | undefined;
  #signal: AbortSignal | undefined;

  /** @param signal of a handler with a time-out; by default the one of the delivery. */
  constructor(envelope: Envelope, signal?: AbortSignal, transaction?: object) {
    this.envelope = envelope;
    this.transaction = transaction;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    // Handled where it was dispatched, there is nothing that would abort it.
    return (this.#signal ??= deliverySignalOf(this.envelope) ?? new AbortController().signal);
  }

  get transport(): string | undefined {
    return this.envelope.last(ReceivedStamp)?.transportName;
  }

  get attempt(): number {
    return (this.envelope.last(RedeliveryStamp)?.retryCount ?? 0) + 1;
  }
}

/** The signal of the worker that is handling the message, if one is. */
export function deliverySignalOf(envelope: Envelope): AbortSignal | undefined {
  return envelope.last(ConsumedByWorkerStamp)?.delivery?.signal;
}
