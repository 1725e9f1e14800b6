import { Injectable } from '@nestjs/common';
import { Ledger } from '../../../fixtures/e2e-app/ledger.js';
import type { Job } from './messages.js';

/** One run of a handler for one message. */
interface Run {
  readonly job: string;
  /** Tells the runs of one process apart. */
  readonly id: number;
}

/** Writes down what became of each run, as `<event> <number>/<attempt> <run> <epoch milliseconds>`. */
@Injectable()
export class JobRuns {
  readonly #runs = new WeakMap<object, Run>();
  readonly #ledger: Ledger;
  #count = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  begin(job: Job, attempt: number): void {
    this.#count += 1;
    this.#runs.set(job, { job: `${job.number}/${attempt}`, id: this.#count });
    this.write('started', job);
  }

  /** Does nothing for a message that was not run. */
  write(event: string, message: object): void {
    const run = this.#runs.get(message);
    if (run !== undefined) {
      this.#ledger.write(event, `${run.job} ${run.id} ${Date.now()}`);
    }
  }
}
