/** What a {@link RedisSilence} needs. */
export interface SilenceSetup {
  /** How long the server may be silent, in milliseconds; asked again and again. Infinity: somebody else watches. */
  readonly limit: () => number;
  /** Called with that time when it is over. Must end what waits. */
  readonly onSilent: (limit: number) => void;
}

/** The longest time between two looks, in milliseconds, since the limit may change. */
const LOOK_MS = 500;

/**
 * Notices that a server has fallen silent while replies are awaited: nothing says that a connection is dead if its other end
 * is gone without a word.
 *
 * Not a time-out for each command: many that are sent together are answered one after the other. And no silence is what was
 * said while this process was too busy to listen.
 */
export class RedisSilence {
  readonly #setup: SilenceSetup;
  #awaited = 0;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(setup: SilenceSetup) {
    this.#setup = setup;
  }

  /** Awaits a reply. */
  async until<T>(reply: Promise<T>): Promise<T> {
    if (this.#awaited++ === 0) {
      this.#since = performance.now();
    }
    if (this.#timer === undefined) {
      this.#timer = this.#look();
    }
    try {
      return await reply;
    } finally {
      this.#awaited -= 1;
      this.#since = performance.now();
    }
  }

  #look(): NodeJS.Timeout {
    const left = this.#since + this.#setup.limit() - performance.now();
    // Immediates run after sockets were read.
    return setTimeout(() => setImmediate(() => this.#looked()), Math.min(Math.max(left, 1), LOOK_MS)).unref();
  }

  #looked(): void {
    this.#timer = undefined;
    if (this.#awaited === 0) {
      return;
    }
    const limit = this.#setup.limit();
    if (performance.now() - this.#since >= limit) {
      this.#since = performance.now();
      this.#setup.onSilent(limit);
    }
    this.#timer = this.#look();
  }
}
