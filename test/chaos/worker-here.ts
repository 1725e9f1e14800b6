import { onTestFinished } from 'vitest';
import type { Worker } from '../../lib/worker/worker.js';
import { WorkerFactory } from '../../lib/worker/worker-factory.js';
import { healthOf, type WorkerHealth } from '../../lib/worker/worker-health.js';
import type { WorkerOptions } from '../../lib/worker/worker-options.js';
import { eventually } from '../integration/redis/support/eventually.js';
import type { Lifetime } from '../integration/redis/support/lifetime.js';
import { CHAOS_DEADLINE_MS, type ChaosRun } from './chaos-run.js';

/** A worker in the process of the test, for scenarios in which none has to die. Stop it before the run is judged. */
export class WorkerHere {
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;

  private constructor(worker: Worker, lifetime: Lifetime) {
    this.#worker = worker;
    this.#ended = worker.run();
    // Who stops it hears of it.
    this.#ended.catch(() => undefined);
    lifetime(() => this.stop().catch(() => undefined));
  }

  /** @param lifetime when it is stopped at the latest. @default with the test */
  static async start(
    run: ChaosRun,
    options: WorkerOptions = {},
    lifetime: Lifetime = onTestFinished,
  ): Promise<WorkerHere> {
    const app = await run.app();
    const factory = app.get(WorkerFactory);
    return new WorkerHere(factory.create(['async'], { sleep: 300, grace: 3000, ...options }), lifetime);
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
    const judge = (): WorkerHealth | false => this.health.isReady === isReady && this.health;
    return eventually(`the worker was ${isReady ? '' : 'not '}ready`, judge, CHAOS_DEADLINE_MS);
  }

  /** Resolves when it has ended in good order. @throws if it ended by itself. */
  async stop(): Promise<void> {
    this.#worker.stop('the test says so');
    await this.#ended;
  }
}
