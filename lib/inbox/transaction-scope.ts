import type { Inbox } from '../transport/capabilities.js';

/**
 * The transaction of an idempotent handler, as long as it is open. What the handler dispatches, and what is then handled at once
 * by another idempotent handler, joins it: the two are committed together or not at all.
 */
export class TransactionScope {
  readonly inbox: Inbox;
  readonly transaction: object;
  readonly #joined = new Set<Promise<unknown>>();
  #failure: { readonly error: unknown } | undefined;
  #isOpen = true;

  constructor(inbox: Inbox, transaction: object) {
    this.inbox = inbox;
    this.transaction = transaction;
  }

  /** Whether {@link run} has not ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Runs the work the transaction was opened for. Waits for what joined, even if nobody else does: it must not use the
   * transaction once that has ended.
   *
   * @throws what `work` throws; else what something that joined has thrown, since its half-done work must not be committed.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await work();
    } finally {
      await this.#close();
    }
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
    return result;
  }

  async join<T>(work: () => Promise<T>): Promise<T> {
    const joined = work();
    this.#joined.add(joined);
    try {
      return await joined;
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    } finally {
      this.#joined.delete(joined);
    }
  }

  async #close(): Promise<void> {
    while (this.#joined.size > 0) {
      await Promise.allSettled(this.#joined);
    }
    this.#isOpen = false;
  }
}
