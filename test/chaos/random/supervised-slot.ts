import type { Exit, Spawned } from '../../e2e/support/spawned.js';
import type { ArmedFailpoint } from '../failpoints/failpoint.js';

/** The exit code of a process that listens to signals already, and is told to end before it consumes. */
const ENDED_BY_SIGTERM = 143;

/** Starts a worker with these failpoints. */
type Start = (failpoints: readonly ArmedFailpoint[]) => Spawned;

/** A worker and its successors: as soon as one has ended, however it did, the next is started. */
export class SupervisedSlot {
  /** What those wrote that ended although nobody wanted it. */
  readonly unexpected: string[] = [];
  readonly #start: Start;
  readonly #ended: Promise<void>;
  #process: Spawned;
  #armed: readonly ArmedFailpoint[] = [];
  #next: readonly ArmedFailpoint[] = [];
  readonly #onSuccessor: Array<(successor: Spawned) => void> = [];
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

  /** Whether it has booted and takes messages, and was not told to end. */
  get isConsuming(): boolean {
    return !this.#isTold && !this.#process.hasExited && hasConsumed(this.#process);
  }

  /** The next process has this failpoint; the one after it has none. */
  arm(failpoint: ArmedFailpoint): void {
    this.#next = [failpoint];
  }

  /** Lets no failpoint act any more: a process that has one is replaced. */
  disarm(): void {
    this.#next = [];
    if (this.#armed.length > 0) {
      this.replace();
    }
  }

  /** Resolves with the process that takes the place of this one. */
  successor(): Promise<Spawned> {
    return new Promise((resolve) => this.#onSuccessor.push(resolve));
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
      const exit = await this.#process.ended;
      if (!isExpected(exit, this.#process)) {
        this.unexpected.push(`${JSON.stringify(exit)}\n${this.#process.stderr}`);
      }
      if (this.#isGivenUp) {
        return;
      }
      this.#armed = this.#next;
      this.#process = this.#start(this.#armed);
      this.#isTold = false;
      this.#next = [];
      this.#onSuccessor.splice(0).forEach((resolve) => resolve(this.#process));
    }
  }
}

function hasConsumed({ stdout }: Spawned): boolean {
  return stdout.includes('consumes');
}

/** Both signals are the run's: one that still boots has nothing in hand, and ends by SIGTERM at once. */
function isExpected({ code, signal }: Exit, process: Spawned): boolean {
  return (
    code === 0 ||
    signal === 'SIGKILL' ||
    signal === 'SIGTERM' ||
    (code === ENDED_BY_SIGTERM && !hasConsumed(process))
  );
}
