import type { Envelope } from '../envelope/envelope.js';
import { BatchSettledTwiceError } from '../errors/batch-settled-twice.error.js';

/**
 * One message of a batch. Settle it with {@link ack} or {@link nack}, or leave that to the end of the handler. It may be
 * taken apart: `for (const { message, ack, nack } of batch)`.
 */
export interface BatchItem<T extends object> {
  readonly message: T;
  readonly envelope: Envelope<T>;
  /** The message is handled; `result` goes into its `HandledStamp`. @throws BatchSettledTwiceError */
  readonly ack: (result?: unknown) => void;
  /** The message has failed and takes the usual way of a failed message. @throws BatchSettledTwiceError */
  readonly nack: (error: unknown) => void;
}

/**
 * The messages a batch handler takes at once. When the handler returns, what it has not settled is handled; when it
 * throws, what it has not settled has failed, each message for itself.
 */
export interface Batch<T extends object> extends Iterable<BatchItem<T>> {
  readonly size: number;
  /** Aborts when the handler's time-out has passed. */
  readonly signal: AbortSignal;
}

/** A message waiting for its batch, and the promise of its outcome. */
export class BatchJob implements BatchItem<object> {
  readonly outcome: Promise<unknown>;
  #resolve!: (result: unknown) => void;
  #reject!: (error: unknown) => void;
  #isSettled = false;

  constructor(
    readonly envelope: Envelope,
    readonly handlerName: string,
  ) {
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get message(): object {
    return this.envelope.message;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  // Not methods: handlers take items apart, as in `for (const { message, ack, nack } of batch)`.
  readonly ack = (result?: unknown): void => {
    this.#settle();
    this.#resolve(result);
  };

  readonly nack = (error: unknown): void => {
    this.#settle();
    this.#reject(error);
  };

  #settle(): void {
    if (this.#isSettled) {
      throw new BatchSettledTwiceError(this.handlerName);
    }
    this.#isSettled = true;
  }
}
