import type {
  OnApplicationBootstrap,
  OnApplicationShutdown,
  OnModuleDestroy,
  OnModuleInit,
} from '@nestjs/common';
import type { MessengerLogger } from '../event/logger.js';
import type { HandlerRunner } from '../handler/handler-runner.js';
import { isCloseable } from '../transport/capabilities.js';
import type { Outboxes } from '../transport/outboxes.js';
import type { Transport } from '../transport/transport.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import type { InProcessWorkers } from './in-process-workers.js';
import type { MessengerWiring } from './messenger-wiring.js';

/** What {@link MessengerLifecycle} starts and ends. */
export interface LifecycleParts {
  readonly wiring: MessengerWiring;
  readonly workers: InProcessWorkers;
  readonly runner: HandlerRunner;
  readonly transports: TransportRegistry;
  readonly outboxes: Outboxes;
  readonly logger: MessengerLogger;
}

/**
 * Ties the messenger to the life of the application. Nest calls global modules first on the way up and last on the way
 * down, so everything is connected before other modules start, and open until they have ended.
 */
export class MessengerLifecycle
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  readonly #parts: LifecycleParts;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  /** @throws whatever is wrong with a handler, a listener, a middleware: the application does not start. */
  async onModuleInit(): Promise<void> {
    await this.#parts.wiring.initialize();
  }

  onApplicationBootstrap(): void {
    this.#parts.workers.start();
  }

  /** In the first of the hooks that end an application: handlers need what the later ones close. */
  async onModuleDestroy(): Promise<void> {
    await this.#parts.workers.stop();
  }

  /** In the last one, when no request is served any more: until then messages may be dispatched. */
  async onApplicationShutdown(): Promise<void> {
    await this.#parts.runner.flushBatches();
    const { transports, outboxes } = this.#parts;
    await Promise.all([
      ...outboxes.all().map(({ targetName, queue }) => this.#close(queue, `The outbox of "${targetName}"`)),
      ...transports.names().map((name) => this.#close(transports.get(name), `Transport "${name}"`)),
    ]);
  }

  /** Never rejects: a transport that cannot close does not keep the others from it. */
  async #close(transport: Transport, subject: string): Promise<void> {
    try {
      if (isCloseable(transport)) {
        await transport.close();
      }
    } catch (error) {
      this.#parts.logger.log('warn', `${subject} could not be closed.`, { error });
    }
  }
}
