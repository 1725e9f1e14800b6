import type { BusRegistry } from '../bus/bus-registry.js';
import type { MessengerLogger } from '../event/logger.js';
import type { Worker } from '../worker/worker.js';
import type { WorkerFactory } from '../worker/worker-factory.js';
import type { WorkerState } from '../worker/worker-state.js';
import type { InProcessWorkerOptions } from './messenger-options.js';

/** Runs the workers of the option `workers` inside the application. */
export class InProcessWorkers {
  readonly #definitions: readonly InProcessWorkerOptions[];
  readonly #factory: WorkerFactory;
  readonly #buses: BusRegistry;
  readonly #logger: MessengerLogger;
  #workers: readonly Worker[] = [];
  #running: Promise<void> = Promise.resolve();

  /** @param definitions none in a process that is there for something else, see `commandBoot`. */
  constructor(
    definitions: readonly InProcessWorkerOptions[],
    factory: WorkerFactory,
    buses: BusRegistry,
    logger: MessengerLogger,
  ) {
    this.#definitions = definitions;
    this.#factory = factory;
    this.#buses = buses;
    this.#logger = logger;
  }

  /** Starts them; they go on until {@link stop} or a limit of their own. */
  start(): void {
    this.#workers = this.#definitions.map(({ receivers, bus, ...options }) =>
      this.#factory.create(receivers, options, bus === undefined ? undefined : this.#buses.get(bus)),
    );
    this.#running = Promise.all(this.#workers.map((worker) => this.#run(worker))).then(() => undefined);
  }

  /** What each of them is about, those that have ended included. */
  get states(): readonly WorkerState[] {
    return this.#workers.map((worker) => worker.state);
  }

  /** Lets them finish what they have in hand. Resolves when all of them have ended. */
  async stop(): Promise<void> {
    this.#workers.forEach((worker) => worker.stop('the application shuts down'));
    await this.#running;
  }

  /** Never rejects: a worker that dies does not take the application with it. */
  async #run(worker: Worker): Promise<void> {
    try {
      await worker.run();
    } catch (error) {
      this.#logger.log('error', `Worker ${worker.info.id} has ended with an error.`, { error });
    }
  }
}
