import type { INestApplicationContext } from '@nestjs/common';
import { WorkerStartedEvent } from '../../lib/event/worker-started.event.js';
import { MessengerEvents } from '../../lib/event/messenger-events.js';
import type { Worker } from '../../lib/worker/worker.js';
import { WorkerFactory } from '../../lib/worker/worker-factory.js';
import type { WorkerOptions } from '../../lib/worker/worker-options.js';
import type { WorkerResult } from '../../lib/worker/worker-result.js';

/** How a worker in this process is started. */
export interface LocalWorkerOptions extends WorkerOptions {
  /** @default ['async'] */
  readonly receivers?: readonly string[];
}

/** A worker that is no process of its own: for scenarios in which none has to end, and to take over from one that did. */
export class LocalWorker {
  readonly #worker: Worker;
  readonly #result: Promise<WorkerResult>;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#result = worker.run();
  }

  /** Resolves when it consumes. */
  static async start(
    app: INestApplicationContext,
    { receivers = ['async'], ...options }: LocalWorkerOptions = {},
  ): Promise<LocalWorker> {
    const worker = app.get(WorkerFactory).create(receivers, options);
    const started = new Promise<void>((resolve) => {
      const stopListening = app.get(MessengerEvents).on(WorkerStartedEvent, (event) => {
        if (event.worker === worker.info) {
          stopListening();
          resolve();
        }
      });
    });
    const local = new LocalWorker(worker);
    await started;
    return local;
  }

  /** Stops it as a signal would. Idempotent. */
  stop(): Promise<WorkerResult> {
    this.#worker.stop('the scenario is over');
    return this.#result;
  }
}
