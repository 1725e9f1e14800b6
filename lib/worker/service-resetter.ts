import type { MessengerLogger } from '../event/logger.js';

/** A service that keeps something from message to message and can forget it; marked with `@ResetBetweenMessages()`. */
export interface Resettable {
  reset(): void | Promise<void>;
}

/** After this many further messages a worker pauses to reset its services, if it never was without a running message. */
const PATIENCE = 100;

/**
 * Resets services between messages: as soon as enough messages have been handled and none is running. With concurrency 1
 * that is after every message; a worker that is never without one starts no more for a moment.
 */
export class ServiceResetter {
  readonly #services: readonly Resettable[];
  readonly #every: number;
  readonly #logger: MessengerLogger;
  #sinceReset = 0;

  /** @param every messages between two resets; `false`: never reset. */
  constructor(services: readonly Resettable[], every: number | false, logger: MessengerLogger) {
    this.#services = every === false ? [] : services;
    this.#every = every === false ? 0 : every;
    this.#logger = logger;
  }

  messageFinished(): void {
    this.#sinceReset += 1;
  }

  /** Whether services shall be reset now if no message runs. */
  get isDue(): boolean {
    return this.#services.length > 0 && this.#sinceReset >= this.#every;
  }

  /** Whether no message shall be started before services are reset. */
  get isUrgent(): boolean {
    return this.isDue && this.#sinceReset >= this.#every + (this.#every > 1 ? 0 : PATIENCE);
  }

  /** Never rejects: a service that cannot be reset is logged. */
  async reset(): Promise<void> {
    this.#sinceReset = 0;
    for (const service of this.#services) {
      try {
        await service.reset();
      } catch (error) {
        this.#logger.log('error', `Resetting "${service.constructor.name}" failed.`, { error });
      }
    }
  }
}
