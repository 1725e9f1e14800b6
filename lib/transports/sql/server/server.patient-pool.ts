import type { ServerPool, ServerSession } from './server.pool.js';

/**
 * Lends a number of connections at a time, and lets everybody else wait for as long as it takes: transactions of handlers may last
 * longer than one would wait for a server that does not answer.
 */
export class PatientPool implements ServerPool {
  readonly #pool: ServerPool;
  readonly #waiting: Array<() => void> = [];
  #free: number;

  /** @param size how many connections `pool` has. Nobody else may use it. */
  constructor(pool: ServerPool, size: number) {
    this.#pool = pool;
    this.#free = size;
  }

  async lend<T>(work: (session: ServerSession) => Promise<T>): Promise<T> {
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await this.#pool.lend(work);
    } finally {
      this.#leave();
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free += 1;
    } else {
      next();
    }
  }
}
