import { AsyncContext } from '../../../envelope/async-context.js';

/**
 * Lets transactions that last longer than a turn of the event loop take turns, with each other and with the short writes of the
 * transports, on one file within this process.
 *
 * SQLite has one writer, and its drivers wait for it synchronously. A write that came while a handler of this process has a
 * transaction open would block the event loop, and with it the handler it waits for. So such a write waits here, where
 * everything else goes on. What waits to be written comes before the next transaction that lasts.
 */
export class SqliteFileLock {
  readonly #inside = new AsyncContext<object>();
  readonly #nextHolders: Array<() => void> = [];
  #writers: Array<() => void> = [];
  #holder: object | undefined;
  #isTaken = false;

  /** Whether a transaction that lasts is open: nothing may be written then. */
  get isHeld(): boolean {
    return this.#holder !== undefined;
  }

  /** Whether the caller is part of the work that holds the lock, and would wait for itself. */
  get isHeldByCaller(): boolean {
    return this.#holder !== undefined && this.#inside.value === this.#holder;
  }

  /** Runs `work` alone. Those that come meanwhile wait in their order. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isTaken) {
      await new Promise<void>((resolve) => this.#nextHolders.push(resolve));
    }
    this.#isTaken = true;
    const holder = {};
    this.#holder = holder;
    try {
      return await this.#inside.run(holder, work);
    } finally {
      this.#holder = undefined;
      this.#pass();
    }
  }

  /**
   * Resolves when the lock has been released. See then whether it {@link isHeld}, before anything is written.
   *
   * @param timeout milliseconds.
   * @throws SqliteFileHeldError when it takes longer.
   */
  released(timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const writer = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#writers = this.#writers.filter((other) => other !== writer);
        reject(new SqliteFileHeldError());
      }, timeout);
      this.#writers.push(writer);
    });
  }

  #pass(): void {
    this.#writers.splice(0).forEach((writer) => writer());
    // By then they have written, and what follows from the work that is done, an acknowledgement for instance, has come too.
    setImmediate(() => {
      const next = this.#nextHolders.shift();
      if (next === undefined) {
        this.#isTaken = false;
      } else {
        next();
      }
    });
  }
}

/** What SQLite itself would have answered to a write that waited in vain. */
export class SqliteFileHeldError extends Error {
  readonly code = 'SQLITE_BUSY';

  constructor() {
    super('database is locked by a transaction of this process');
    this.name = 'SqliteFileHeldError';
  }
}
