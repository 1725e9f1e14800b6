import type { INestApplicationContext } from '@nestjs/common';
import { BusRegistry } from '../bus/bus-registry.js';
import type { Clock } from '../envelope/clock.js';
import { ModuleMissingError } from '../errors/module-missing.error.js';
import type { MessengerLogger } from '../event/logger.js';
import { MessengerEvents } from '../event/messenger-events.js';
import { FailedMessages } from '../failure/failed-messages.js';
import type { FailurePolicies } from '../failure/failure-policy.js';
import { MessageRegistry } from '../message/message-registry.js';
import { MessengerWiring } from '../module/messenger-wiring.js';
import type { ResolvedMessengerOptions } from '../module/resolved-options.js';
import { FAILURE_POLICIES, MESSENGER_CLOCK, MESSENGER_LOGGER, RESOLVED_OPTIONS } from '../module/tokens.js';
import { SendersLocator } from '../routing/senders-locator.js';
import { SignedTypes } from '../serializer/signing/signed-types.js';
import { Outboxes } from '../transport/outboxes.js';
import { TransportRegistry } from '../transport/transport-registry.js';
import { FailedMessageRetrier } from '../worker/failed-message-retrier.js';
import { WorkerRolls } from '../worker/worker-rolls.js';
import { StopSignal } from '../worker/stop-signal.js';
import { WorkerFactory } from '../worker/worker-factory.js';

/** What commands use of a booted application. */
export class MessengerServices {
  readonly #app: INestApplicationContext;

  /** @throws ModuleMissingError if the application has no `MessengerModule`. */
  constructor(app: INestApplicationContext) {
    this.#app = app;
    try {
      app.get(RESOLVED_OPTIONS, { strict: false });
    } catch {
      // All that Nest says is which token it did not find.
      throw new ModuleMissingError();
    }
  }

  get options(): ResolvedMessengerOptions {
    return this.#app.get<ResolvedMessengerOptions>(RESOLVED_OPTIONS, { strict: false });
  }

  get policies(): FailurePolicies {
    return this.#app.get<FailurePolicies>(FAILURE_POLICIES, { strict: false });
  }

  get wiring(): MessengerWiring {
    return this.#app.get(MessengerWiring, { strict: false });
  }

  get registry(): MessageRegistry {
    return this.#app.get(MessageRegistry, { strict: false });
  }

  get signedTypes(): SignedTypes {
    return this.#app.get(SignedTypes, { strict: false });
  }

  get senders(): SendersLocator {
    return this.#app.get(SendersLocator, { strict: false });
  }

  get transports(): TransportRegistry {
    return this.#app.get(TransportRegistry, { strict: false });
  }

  get outboxes(): Outboxes {
    return this.#app.get(Outboxes, { strict: false });
  }

  get buses(): BusRegistry {
    return this.#app.get(BusRegistry, { strict: false });
  }

  get events(): MessengerEvents {
    return this.#app.get(MessengerEvents, { strict: false });
  }

  get clock(): Clock {
    return this.#app.get<Clock>(MESSENGER_CLOCK, { strict: false });
  }

  get workers(): WorkerFactory {
    return this.#app.get(WorkerFactory, { strict: false });
  }

  get stopSignal(): StopSignal {
    return this.#app.get(StopSignal, { strict: false });
  }

  get rolls(): WorkerRolls {
    return this.#app.get(WorkerRolls, { strict: false });
  }

  get logger(): MessengerLogger {
    return this.#app.get<MessengerLogger>(MESSENGER_LOGGER, { strict: false });
  }

  get failedMessages(): FailedMessages {
    return this.#app.get(FailedMessages, { strict: false });
  }

  get retrier(): FailedMessageRetrier {
    return this.#app.get(FailedMessageRetrier, { strict: false });
  }
}
