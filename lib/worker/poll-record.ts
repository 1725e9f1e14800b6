import type { Clock } from '../envelope/clock.js';

/** What is known of the polls of one transport. A poll is one `get`; one that waits counts when it ends. */
export interface PollState {
  readonly transportName: string;
  /** When the transport last answered, in epoch milliseconds; nothing if it never has. */
  readonly answeredAt: number | undefined;
  /** Since when every poll has failed, in epoch milliseconds; nothing if the last one has not. */
  readonly failingSince: number | undefined;
  /** Why the last poll failed. */
  readonly error: unknown;
  /** When the poll that runs should have been answered, in epoch milliseconds; nothing while none runs. */
  readonly dueAt: number | undefined;
}

/** Keeps in mind what became of the polls of one transport. */
export class PollRecord {
  readonly #transportName: string;
  readonly #clock: Clock;
  #answeredAt: number | undefined;
  #failingSince: number | undefined;
  #error: unknown;
  #dueAt: number | undefined;

  constructor(transportName: string, clock: Clock) {
    this.#transportName = transportName;
    this.#clock = clock;
  }

  get state(): PollState {
    return {
      transportName: this.#transportName,
      answeredAt: this.#answeredAt,
      failingSince: this.#failingSince,
      error: this.#error,
      dueAt: this.#dueAt,
    };
  }

  /**
   * @param wait how long the transport may wait for messages, in milliseconds.
   * @returns the time, in epoch milliseconds.
   */
  began(wait: number): number {
    const now = this.#clock.now();
    this.#dueAt = now + wait;
    return now;
  }

  answered(): void {
    this.#answeredAt = this.#clock.now();
    this.#dueAt = undefined;
    this.#failingSince = undefined;
    this.#error = undefined;
  }

  failed(error: unknown): void {
    this.#dueAt = undefined;
    this.#failingSince ??= this.#clock.now();
    this.#error = error;
  }
}
