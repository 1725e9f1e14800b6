import { AsyncContext } from '../envelope/async-context.js';
import { TransactionEndedError } from '../errors/transaction-ended.error.js';
import type { TransactionScope } from '../stamp/transaction-scope.stamp.js';
import { TransactionStamp } from '../stamp/transaction.stamp.js';

/**
 * The transaction of the current asynchronous context. One instance is shared by all buses of an application.
 *
 * A scope ends with the work it was opened for. Work that outlives it still sees it, and what it dispatches is refused rather
 * than sent outside of the transaction.
 */
export class CurrentTransaction {
  readonly #context = new AsyncContext<TransactionScope>();

  /** The innermost scope, open or not; `undefined` outside of all of them. */
  get scope(): TransactionScope | undefined {
    return this.#context.value;
  }

  /**
   * Runs `work` so that what it dispatches belongs to `transaction`. Resolves with its result when everything that it began to
   * send is stored, or rejects as it does: the transaction may end then.
   *
   * @throws InvalidStampError when `transaction` can be none.
   */
  async run<T>(transaction: object, work: () => T | Promise<T>): Promise<T> {
    const scope = new Scope(new TransactionStamp(transaction).transaction);
    try {
      return await this.#context.run(scope, work);
    } finally {
      await scope.end();
    }
  }
}

class Scope implements TransactionScope {
  readonly #transaction: object;
  readonly #sending = new Set<Promise<unknown>>();
  #isOpen = true;

  constructor(transaction: object) {
    this.#transaction = transaction;
  }

  send<T>(messageName: string, send: (transaction: object) => Promise<T>): Promise<T> {
    if (!this.#isOpen) {
      return Promise.reject(new TransactionEndedError(messageName));
    }
    const sent = send(this.#transaction);
    this.#sending.add(sent);
    const forget = (): void => void this.#sending.delete(sent);
    sent.then(forget, forget);
    return sent;
  }

  /** What nobody awaited would otherwise be stored after the commit, by a connection that is somebody else's by then. */
  async end(): Promise<void> {
    this.#isOpen = false;
    await Promise.allSettled(this.#sending);
  }
}
