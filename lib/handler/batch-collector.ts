import type { Envelope } from '../envelope/envelope.js';
import { type Batch, BatchJob } from './batch.js';
import { EnvelopeHandlerContext } from './handler-context.js';
import type { BatchOptions, HandlerDescriptor } from './handler-descriptor.js';
import { runWithTimeout } from './handler-timeout.js';
import { areHeld, heldOf } from './held-jobs.js';

const DEFAULTS: Required<BatchOptions> = { size: 10, idleTimeout: 500 };

/** A batch is handled at the latest this long after its first message, however steadily more of them trickle in. */
const LONGEST_WAIT_MS = 30_000;

/**
 * A timer that is later than this, in milliseconds, tells that the process was stopped: it may not have read yet that its messages
 * are lost.
 */
const STANDSTILL_MS = 1000;

/**
 * Gathers the messages of one batch handler and runs the handler when the batch is full, when no message came for
 * `idleTimeout`, when it has waited for 30 seconds, or when it is flushed. One batch of a handler runs at a time.
 */
export class BatchCollector {
  readonly #descriptor: HandlerDescriptor;
  readonly #size: number;
  readonly #idleTimeout: number;
  #waiting: BatchJob[] = [];
  #running: Promise<void> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;
  /** When the last message came, by `performance.now()`. */
  #idleSince = 0;
  #flushRequested = false;

  constructor(descriptor: HandlerDescriptor) {
    const options = { ...DEFAULTS, ...descriptor.options.batch };
    this.#descriptor = descriptor;
    this.#size = options.size;
    this.#idleTimeout = options.idleTimeout;
  }

  /**
   * Adds a message and resolves with the result of its item, or rejects with its error.
   *
   * @param yieldSlot called when the message only waits for others, so that the worker can fetch them.
   */
  add(envelope: Envelope, yieldSlot: () => void): Promise<unknown> {
    const job = new BatchJob(envelope, this.#descriptor.name);
    this.#waiting.push(job);
    // Beyond a full batch the message keeps its slot: that is what stops a worker from fetching without end.
    if (this.#waiting.length <= this.#size) {
      yieldSlot();
    }
    this.#runIfDue();
    return job.outcome;
  }

  /** Runs what is waiting, full or not, and resolves when nothing is waiting or running. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running !== undefined) {
      this.#flushRequested = true;
      this.#runIfDue();
      await this.#running;
    }
    this.#flushRequested = false;
  }

  #runIfDue(): void {
    if (this.#running !== undefined || this.#waiting.length === 0) {
      return;
    }
    if (this.#flushRequested || this.#waiting.length >= this.#size) {
      this.#runNext();
    } else {
      this.#awaitMore();
    }
  }

  #awaitMore(): void {
    const runWaiting = (): void => {
      if (this.#running === undefined && this.#waiting.length > 0) {
        this.#runNext();
      }
    };
    this.#deadlineTimer ??= setTimeout(runWaiting, LONGEST_WAIT_MS);
    this.#idleSince = performance.now();
    if (this.#idleTimer === undefined) {
      this.#idleTimer = setTimeout(() => this.#idled(runWaiting), this.#idleTimeout);
    } else {
      this.#idleTimer.refresh();
    }
  }

  #idled(runWaiting: () => void): void {
    const lateness = performance.now() - this.#idleSince - this.#idleTimeout;
    if (lateness < STANDSTILL_MS) {
      runWaiting();
    } else {
      this.#idleSince = performance.now();
      this.#idleTimer?.refresh();
    }
  }

  #runNext(): void {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#deadlineTimer);
    this.#idleTimer = undefined;
    this.#deadlineTimer = undefined;
    const jobs = this.#waiting.splice(0, this.#size);
    this.#running = this.#run(jobs).then(() => {
      this.#running = undefined;
      this.#runIfDue();
    });
  }

  /** Never rejects: every error ends in the outcome of a job. */
  async #run(gathered: readonly BatchJob[]): Promise<void> {
    const { call, name, options } = this.#descriptor;
    const jobs = areHeld(gathered) ? gathered : await heldOf(gathered);
    const first = jobs[0]?.envelope;
    if (first === undefined) {
      return;
    }
    const run = async (signal: AbortSignal): Promise<unknown> =>
      call(batchOf(jobs, signal), new EnvelopeHandlerContext(first, signal));
    try {
      await (options.timeout === undefined
        ? run(new AbortController().signal)
        : runWithTimeout(name, options.timeout, undefined, run));
      jobs.forEach((job) => job.isSettled || job.ack());
    } catch (error) {
      jobs.forEach((job) => job.isSettled || job.nack(error));
    }
  }
}

function batchOf(jobs: readonly BatchJob[], signal: AbortSignal): Batch<object> {
  return { size: jobs.length, signal, [Symbol.iterator]: () => jobs[Symbol.iterator]() };
}
