import type { Exit, Spawned } from './spawned.js';

/** A process that ended although nobody wanted it to. */
export interface UnexpectedExit extends Exit {
  readonly output: string;
}

/** A worker that is started again at once whenever it ends, as Supervisor would do. */
export class SupervisedWorker {
  /** When each process was killed that was, by its id, in epoch milliseconds. */
  readonly killedAt = new Map<number, number>();
  readonly unexpected: UnexpectedExit[] = [];
  readonly #start: () => Spawned;
  readonly #ended: Promise<void>;
  #process: Spawned;
  #isStopping = false;

  constructor(start: () => Spawned) {
    this.#start = start;
    this.#process = start();
    this.#ended = this.#supervise();
  }

  /** Of the process that runs now. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it has booted and takes messages. */
  get isConsuming(): boolean {
    const { pid, stdout, hasExited } = this.#process;
    return !hasExited && !this.killedAt.has(pid) && stdout.includes('consumes');
  }

  kill(): void {
    this.killedAt.set(this.#process.pid, Date.now());
    this.#process.kill('SIGKILL');
  }

  /** Ends it in good order, and for good. */
  async stop(): Promise<void> {
    this.giveUp();
    this.#process.kill('SIGTERM');
    await this.#ended;
  }

  /** Starts it no more. */
  giveUp(): void {
    this.#isStopping = true;
  }

  async #supervise(): Promise<void> {
    for (;;) {
      const { pid } = this.#process;
      const exit = await this.#process.ended;
      const isWanted = this.killedAt.has(pid) || (this.#isStopping && exit.code === 0);
      if (!isWanted) {
        this.unexpected.push({ ...exit, output: `${this.#process.stdout}\n${this.#process.stderr}` });
      }
      if (this.#isStopping) {
        return;
      }
      this.#process = this.#start();
    }
  }
}
