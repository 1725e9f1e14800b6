import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { MessageHandler } from '../../../../lib/decorator/message-handler.decorator.js';
import type { HandlerContext } from '../../../../lib/handler/handler-context.js';
import { JobRuns } from './job-runs.js';
import { Job, Trifle } from './messages.js';

/** Milliseconds. Long enough for something to be in hand whenever a worker is killed. */
const WORK = { shortest: 15, longest: 115 };

@Injectable()
export class JobHandler {
  readonly #runs: JobRuns;

  constructor(runs: JobRuns) {
    this.#runs = runs;
  }

  @MessageHandler()
  async job(job: Job, { attempt }: HandlerContext): Promise<void> {
    const startedAt = Date.now();
    this.#runs.begin(job, attempt);
    if (startedAt < job.notBefore) {
      this.#runs.write('early', job);
    }
    await sleep(WORK.shortest + ((job.number * 13) % (WORK.longest - WORK.shortest)));
    if (job.failsFirst && attempt === 1) {
      throw new TypeError(`The first run of job ${job.number} fails.`);
    }
    this.#runs.write('done', job);
  }

  @MessageHandler()
  trifle(_message: Trifle): void {}
}
