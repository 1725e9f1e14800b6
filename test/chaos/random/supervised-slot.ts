import type { Spawned } from '../../e2e/support/spawned.js';
import type { ArmedFailpoint } from '../failpoints/failpoint.js';

/** Starts a worker with these failpoints. */
type Start = (failpoints: readonly ArmedFailpoint[]) => Spawned;

/** A worker and its successors: as soon as one has ended, however it did, the next is started. */
export class SupervisedSlot {
  /** What those wrote that ended although nobody wanted it. */
  readonly unexpected: string[] = [];
  readonly #start: Start;
  readonly #ended: Promise<void>;
  #process: Spawned;
  #next: readonly ArmedFailpoint[] = [];
  #isGivenUp = false;
  #isTold = false;

  constructor(start: Start) {
    this.#start = start;
    this.#process = start([]);
    this.#ended = this.#supervise();
  }

  /** The process that runs now. */
  get process(): Spawned {
    return this.#process;
  }

  /** Whether it has booted and takes messages. */
  get isConsuming(): boolean {
    return !this.#process.hasExited && this.#process.stdout.includes('consumes');
  }

  /** The next process has this failpoint; the one after it has none. */
  arm(failpoint: ArmedFailpoint): void {
    this.#next = [failpoint];
  }

  /** Ends the process in good order. A successor comes. One that was told already is left alone: told again it would end at once. */
  replace(): void {
    if (!this.#isTold) {
      this.#isTold = true;
      this.#process.kill('SIGTERM');
    }
  }

  /** Starts no more. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** Resolves when the last process has ended, once it was given up. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  async #supervise(): Promise<void> {
    for (;;) {
      const { code, signal } = await this.#process.ended;
      // Both signals are the run's: one that still boots has nothing in hand, and ends by SIGTERM at once.
      if (code !== 0 && signal !== 'SIGKILL' && signal !== 'SIGTERM') {
        this.unexpected.push(`${JSON.stringify({ code, signal })}\n${this.#process.stderr}`);
      }
      if (this.#isGivenUp) {
        return;
      }
      this.#process = this.#start(this.#next);
      this.#isTold = false;
      this.#next = [];
    }
  }
}
