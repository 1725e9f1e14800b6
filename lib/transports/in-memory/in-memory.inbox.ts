import type { Clock } from '../../envelope/clock.js';
import type { Inbox, InboxEntry } from '../../transport/capabilities.js';

/**
 * An inbox in this process. Handlers run one at a time in it, and what one of them has recorded is forgotten again if it fails.
 * Its own transactions hold nothing else: they are for tests.
 */
export class InMemoryInbox implements Inbox {
  readonly #clock: Clock;
  /** When each entry was recorded, in epoch milliseconds; oldest first. */
  readonly #recordedAt = new Map<string, number>();
  #recent: string[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async record(_transaction: object, { messageId, handlerName }: InboxEntry): Promise<boolean> {
    const key = `${messageId} ${handlerName}`;
    if (this.#recordedAt.has(key)) {
      return false;
    }
    this.#recordedAt.set(key, this.#clock.now());
    this.#recent.push(key);
    return true;
  }

  transaction<T>(work: (transaction: object) => Promise<T>): Promise<T> {
    return this.exclusively(() => work({}));
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#run(work));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async prune(before: number): Promise<number> {
    const old = [...this.#recordedAt].filter(([, at]) => at < before);
    old.forEach(([key]) => this.#recordedAt.delete(key));
    return old.length;
  }

  clear(): void {
    this.#recordedAt.clear();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    this.#recent = [];
    try {
      return await work();
    } catch (error) {
      this.#recent.forEach((key) => this.#recordedAt.delete(key));
      throw error;
    }
  }
}
