/** What a {@link RedisSilence} needs. */
export interface SilenceSetup {
  /** How long the server may be silent, in milliseconds; asked again and again. */
  readonly limit: () => number;
  /** Whether one server gives all replies. Then any of them is a sign of life; else each command is on its own. */
  readonly isOneServer: boolean;
  /** Called with that time when it is over. Returns what to reject with. */
  readonly onSilent: (limit: number) => Error;
}

interface Awaited {
  readonly since: number;
  readonly reject: (error: Error) => void;
}

/** The longest time between two looks, in milliseconds, since the limit may change. A worker at rest pays for each of them. */
const LOOK_MS = 2000;

/**
 * Makes sure that no reply is awaited for ever: nothing says that a connection is dead if its other end is gone without a word,
 * and ioredis may keep a command without having a connection for it.
 *
 * Not a time-out for each command: many that are sent together are answered one after the other. And no silence is what was
 * said while this process was too busy to listen.
 */
export class RedisSilence {
  readonly #setup: SilenceSetup;
  /** The oldest come first. */
  readonly #awaited = new Set<Awaited>();
  /** When it was last heard; in the future, if it is to be silent until then. */
  #lastSign = 0;
  #isWatching = false;

  constructor(setup: SilenceSetup) {
    this.#setup = setup;
  }

  /**
   * Awaits a reply. Rejects if nothing comes.
   *
   * @param wait milliseconds for which the server is silent rightly; what is sent meanwhile has to wait too.
   */
  until<T>(reply: Promise<T>, wait: number = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const awaited = { since: performance.now() + wait, reject };
      const heard = (): void => {
        this.#awaited.delete(awaited);
        this.#lastSign = Math.max(this.#lastSign, performance.now());
      };
      this.#awaited.add(awaited);
      if (wait > 0) {
        this.#lastSign = Math.max(this.#lastSign, awaited.since);
      }
      this.#watch();
      reply.then(
        (value) => {
          heard();
          resolve(value);
        },
        (error: unknown) => {
          heard();
          reject(error);
        },
      );
    });
  }

  /** Waits no longer, after so many milliseconds. */
  giveUp(limit: number): void {
    this.#reject([...this.#awaited], limit);
  }

  #watch(): void {
    if (this.#isWatching) {
      return;
    }
    this.#isWatching = true;
    const left = this.#lastSign + this.#setup.limit() - performance.now();
    const pause = Math.min(Math.max(left, 1), LOOK_MS);
    // Immediates run after sockets were read.
    setTimeout(() => setImmediate(() => this.#look()), pause).unref();
  }

  #look(): void {
    this.#isWatching = false;
    const { limit, isOneServer } = this.#setup;
    const before = performance.now() - limit();
    const isOverdue = ({ since }: Awaited): boolean =>
      (isOneServer ? Math.max(since, this.#lastSign) : since) <= before;
    const awaited = [...this.#awaited];
    const overdue = awaited.filter(isOverdue);
    if (overdue.length > 0) {
      this.#reject(isOneServer ? awaited : overdue, limit());
    }
    if (this.#awaited.size > 0) {
      this.#watch();
    }
  }

  #reject(awaited: readonly Awaited[], limit: number): void {
    const error = this.#setup.onSilent(limit);
    for (const each of awaited) {
      this.#awaited.delete(each);
      each.reject(error);
    }
  }
}
