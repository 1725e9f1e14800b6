import type { MessengerLogger } from '../event/logger.js';
import type { WorkerRoll } from '../transport/capabilities.js';
import { isSettledWithin } from './is-settled-within.js';
import { describeWorker, type WorkerDescription, type WorkerProcess } from './worker-description.js';
import type { WorkerState } from './worker-state.js';

/** How often a worker says that it is there, in milliseconds. */
const EVERY_MS = 15_000;

/** After so many milliseconds it says so for the second time: by then its transports have answered. */
const SETTLED_MS = 1000;

/** How long an entry lasts that nobody renews, in milliseconds: two may be lost. */
export const ENTRY_MS = 45_000;

/** How long a store may take to remove an entry before the worker ends without it, in milliseconds. */
const LEAVING_MS = 2000;

/** After so many failures in a row the entry has ended, and people are told. */
const TOLD_AFTER = 3;

/** What a {@link RollCall} needs. */
export interface RollCallOptions {
  readonly rolls: readonly WorkerRoll[];
  readonly process: WorkerProcess;
  readonly logger: MessengerLogger;
}

/** Keeps a worker on the rolls of its application while it runs. Nothing it does depends on that. */
export class RollCall {
  readonly #options: RollCallOptions;
  readonly #failures = new Map<WorkerRoll, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #id: string | undefined;

  constructor(options: RollCallOptions) {
    this.#options = options;
  }

  /** @param state asked for with each entry. */
  start(state: () => WorkerState): void {
    const { rolls, process } = this.#options;
    if (rolls.length === 0) {
      return;
    }
    const enter = (): void => {
      // One at a time: a slow store must not be given an older entry after a newer one.
      this.#running ??= this.#enter(describeWorker(state(), process)).finally(
        () => (this.#running = undefined),
      );
    };
    enter();
    this.#timer = setTimeout(() => {
      enter();
      this.#timer = setInterval(enter, EVERY_MS).unref();
    }, SETTLED_MS).unref();
  }

  /** Removes the worker from the rolls. Never rejects; takes two seconds at the most. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#id !== undefined) {
      await isSettledWithin(LEAVING_MS, this.#leave(this.#id));
    }
  }

  /** Never rejects. */
  async #enter(described: WorkerDescription): Promise<void> {
    this.#id = described.id;
    const details = JSON.stringify(described);
    await Promise.all(
      this.#options.rolls.map(async (roll) => {
        try {
          await roll.enter(described.id, details, ENTRY_MS);
          this.#failures.delete(roll);
        } catch (error) {
          this.#failed(roll, error);
        }
      }),
    );
  }

  async #leave(id: string): Promise<void> {
    await this.#running;
    await Promise.allSettled(this.#options.rolls.map((roll) => roll.leave(id)));
  }

  #failed(roll: WorkerRoll, error: unknown): void {
    const count = (this.#failures.get(roll) ?? 0) + 1;
    this.#failures.set(roll, count);
    this.#options.logger.log(
      count === TOLD_AFTER ? 'warn' : 'debug',
      'The worker could not enter itself in the list of workers.',
      { error },
    );
  }
}
