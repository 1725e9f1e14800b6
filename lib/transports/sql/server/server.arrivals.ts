/** Why a wait ended: something was announced, the time is up, or it was told to stop. */
export type WakeReason = 'announced' | 'elapsed' | 'stopped';

/** How to wait. */
export interface WaitOptions {
  /** What {@link ServerArrivals.versionOf} was before the last look: what was announced since ends the wait at once. */
  readonly version: number;
  /** By `performance.now()`. */
  readonly until: number;
  /** Milliseconds for which announcements are noted but not heeded. */
  readonly deafFor: number;
  /** Each of these ends the wait. */
  readonly signals: readonly AbortSignal[];
}

interface Waiter {
  readonly wake: (reason: WakeReason) => void;
  /** Sees to it that the wait ends when something is due. */
  readonly expect: () => void;
}

/** What is known of one queue. */
class Queue {
  /** How often something was announced. */
  version = 0;
  /** When something was said to be due next, by `performance.now()`. */
  dueAt = Number.POSITIVE_INFINITY;
  readonly waiters = new Set<Waiter>();
}

/**
 * Lets receivers wait until there may be something to receive. Of those that wait for one queue, an announcement wakes one: if
 * that leaves something for others, it announces it again.
 */
export class ServerArrivals {
  readonly #queues = new Map<string, Queue>();

  /** Another number once something was announced for the queue `address`. */
  versionOf(address: string): number {
    return this.#queue(address).version;
  }

  /** Something can be received now. */
  announce(address: string): void {
    const queue = this.#queue(address);
    queue.version += 1;
    const [first] = queue.waiters;
    first?.wake('announced');
  }

  /** Something can be received in `dueIn` milliseconds. */
  expect(address: string, dueIn: number): void {
    if (dueIn <= 0) {
      this.announce(address);
      return;
    }
    const queue = this.#queue(address);
    const now = performance.now();
    const known = queue.dueAt > now ? queue.dueAt : Number.POSITIVE_INFINITY;
    queue.dueAt = Math.min(known, now + dueIn);
    if (queue.dueAt < known) {
      queue.waiters.forEach((waiter) => waiter.expect());
    }
  }

  /** Wakes everybody: announcements may have been missed. */
  announceAll(): void {
    for (const queue of this.#queues.values()) {
      queue.version += 1;
      [...queue.waiters].forEach((waiter) => waiter.wake('announced'));
    }
  }

  /** Waits until something is announced or due, or one of `options` ends the wait. */
  async wait(address: string, options: WaitOptions): Promise<WakeReason> {
    const { until, deafFor, signals, version } = options;
    if (deafFor > 0) {
      const end = Math.min(until, performance.now() + deafFor);
      if ((await this.#listen(new Queue(), { until: end, signals })) === 'stopped') {
        return 'stopped';
      }
    }
    const queue = this.#queue(address);
    return queue.version === version ? this.#listen(queue, options) : 'announced';
  }

  #listen(queue: Queue, { until, signals }: Pick<WaitOptions, 'until' | 'signals'>): Promise<WakeReason> {
    if (signals.some(({ aborted }) => aborted)) {
      return Promise.resolve('stopped');
    }
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const stop = (): void => waiter.wake('stopped');
      const waiter: Waiter = {
        wake: (reason) => {
          clearTimeout(timer);
          queue.waiters.delete(waiter);
          signals.forEach((signal) => signal.removeEventListener('abort', stop));
          resolve(reason);
        },
        expect: () => {
          clearTimeout(timer);
          const now = performance.now();
          const end = Math.min(until, queue.dueAt > now ? queue.dueAt : until);
          timer = setTimeout(() => waiter.wake('elapsed'), Math.max(0, Math.ceil(end - now)));
        },
      };
      waiter.expect();
      queue.waiters.add(waiter);
      signals.forEach((signal) => signal.addEventListener('abort', stop));
    });
  }

  #queue(address: string): Queue {
    let queue = this.#queues.get(address);
    if (queue === undefined) {
      queue = new Queue();
      this.#queues.set(address, queue);
    }
    return queue;
  }
}
