import type { Clock } from '../../../envelope/clock.js';
import type { FileWatch } from './file-watch.js';

/** Why a wait ended: a message was announced, the file changed, the time is up, or it was told to stop. */
export type WakeReason = 'announced' | 'changed' | 'elapsed' | 'stopped';

/** How to wait. */
export interface WaitOptions {
  /** The longest wait in milliseconds. */
  readonly ms: number;
  /** Each of these ends the wait. */
  readonly signals: readonly AbortSignal[];
  /** Whether a change of the file ends the wait. */
  readonly hearsChanges: boolean;
}

interface Waiter {
  readonly hearsChanges: boolean;
  readonly wake: (reason: WakeReason) => void;
}

/** Lets the receivers on one file wait until there may be something to receive. */
export class SqliteArrivals {
  readonly #clock: Clock;
  readonly #watch: FileWatch | undefined;
  readonly #waitersByQueue = new Map<string, Set<Waiter>>();

  /** @param createWatch makes the watch that reports other processes' commits; none for a database in memory. */
  constructor(clock: Clock, createWatch?: (onChange: () => boolean) => FileWatch) {
    this.#clock = clock;
    this.#watch = createWatch?.(() => this.#wakeAll());
  }

  /** Whether commits of other processes are noticed when they happen. */
  get watching(): boolean {
    return this.#watch?.active ?? false;
  }

  /** To be called before looking whether there is something to receive, or a commit right after the look is missed. */
  listen(): void {
    this.#watch?.start();
  }

  /** Wakes those who wait for `queue`. */
  announce(queue: string): void {
    for (const waiter of this.#waitersByQueue.get(queue) ?? []) {
      waiter.wake('announced');
    }
  }

  /** Waits until something is announced for `queue`, or one of `options` ends the wait. */
  wait(queue: string, { ms, signals, hearsChanges }: WaitOptions): Promise<WakeReason> {
    return new Promise((resolve) => {
      const waiters = this.#waitersOf(queue);
      const stop = (): void => waiter.wake('stopped');
      const waiter: Waiter = {
        hearsChanges,
        wake: (reason) => {
          cancelTimer();
          waiters.delete(waiter);
          signals.forEach((signal) => signal.removeEventListener('abort', stop));
          resolve(reason);
        },
      };
      const cancelTimer = this.#clock.setTimer(() => waiter.wake('elapsed'), ms);
      waiters.add(waiter);
      signals.forEach((signal) => signal.addEventListener('abort', stop));
    });
  }

  close(): void {
    this.#watch?.stop();
  }

  #waitersOf(queue: string): Set<Waiter> {
    let waiters = this.#waitersByQueue.get(queue);
    if (waiters === undefined) {
      waiters = new Set();
      this.#waitersByQueue.set(queue, waiters);
    }
    return waiters;
  }

  /** @returns whether anybody was there to hear of it. */
  #wakeAll(): boolean {
    const waiters = [...this.#waitersByQueue.values()].flatMap((queue) => [...queue]);
    const hearing = waiters.filter(({ hearsChanges }) => hearsChanges);
    hearing.forEach((waiter) => waiter.wake('changed'));
    return hearing.length > 0;
  }
}
