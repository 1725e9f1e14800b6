import type { INestApplicationContext } from '@nestjs/common';
import { WorkerStartedEvent } from '../../lib/event/worker-started.event.js';
import { MessengerEvents } from '../../lib/event/messenger-events.js';
import type { Worker } from '../../lib/worker/worker.js';
import { WorkerFactory } from '../../lib/worker/worker-factory.js';
import { healthOf, type WorkerHealth } from '../../lib/worker/worker-health.js';
import type { WorkerOptions } from '../../lib/worker/worker-options.js';
import type { WorkerResult } from '../../lib/worker/worker-result.js';

import { until } from '../e2e/support/until.js';
import { CHAOS_DEADLINE_MS } from './deadline.js';

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

  get health(): WorkerHealth {
    return healthOf(this.#worker.state);
  }

  /** How many messages it has in hand. */
  get inHand(): number {
    return this.#worker.state.inHand;
  }

  /** Resolves when it says that it is ready, or why it is not. */
  async says(isReady: boolean): Promise<WorkerHealth> {
    const isSaid = (): boolean => this.health.isReady === isReady;
    await until(`the worker was ${isReady ? '' : 'not '}ready`, isSaid, CHAOS_DEADLINE_MS);
    return this.health;
  }

  /** Stops it as a signal would. Idempotent. */
  stop(): Promise<WorkerResult> {
    this.#worker.stop('the scenario is over');
    return this.#result;
  }
}
