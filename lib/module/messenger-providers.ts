import type { Provider } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import { DiscoveredProviders } from '../discovery/discovered-providers.js';
import { systemClock } from '../envelope/clock.js';
import type { MessengerLogger } from '../event/logger.js';
import { MessengerEvents } from '../event/messenger-events.js';
import { HandlerRunner } from '../handler/handler-runner.js';
import { MessageRegistry } from '../message/message-registry.js';
import { GuardedLogger } from '../observability/guarded-logger.js';
import { NestMessengerLogger } from '../observability/nest-messenger-logger.js';
import { StampRegistry } from '../serializer/stamp-registry.js';
import { Outboxes } from '../transport/outboxes.js';
import { TransportRegistry } from '../transport/transport-registry.js';
import { busProviders } from './bus-providers.js';
import { commandBoot } from './command-boot.js';
import { inboxProviders } from './inbox-providers.js';
import { InProcessWorkers } from './in-process-workers.js';
import { MessengerLifecycle } from './messenger-lifecycle.js';
import { MessengerWiring } from './messenger-wiring.js';
import { ProviderReferences } from './provider-references.js';
import type { ResolvedMessengerOptions } from './resolved-options.js';
import { MESSENGER_CLOCK, MESSENGER_LOGGER, RESOLVED_OPTIONS } from './tokens.js';
import { transportProviders } from './transport-providers.js';
import { workerProviders } from './worker-providers.js';

/** The names that providers are made for. */
export interface ProviderNames {
  readonly transports: readonly string[];
  readonly buses: readonly string[];
}

/**
 * Everything the module provides.
 *
 * @param options the provider of {@link RESOLVED_OPTIONS}.
 */
export function messengerProviders(options: Provider, { transports, buses }: ProviderNames): Provider[] {
  return [
    options,
    ...foundations(),
    ...transportProviders(transports),
    ...inboxProviders(),
    ...busProviders(buses),
    ...workerProviders(),
    lifecycle,
  ];
}

function foundations(): readonly Provider[] {
  return [
    { provide: MESSENGER_CLOCK, useValue: systemClock },
    {
      provide: MESSENGER_LOGGER,
      inject: [RESOLVED_OPTIONS],
      useFactory: ({ logger, debug }: ResolvedMessengerOptions) => {
        const nest = new NestMessengerLogger(debug);
        return new GuardedLogger(logger ?? commandBoot.getStore()?.logger ?? nest, nest);
      },
    },
    {
      provide: MessengerEvents,
      inject: [MESSENGER_LOGGER],
      useFactory: (logger: MessengerLogger) => new MessengerEvents(logger),
    },
    {
      provide: MessageRegistry,
      inject: [RESOLVED_OPTIONS],
      useFactory: (resolved: ResolvedMessengerOptions) => registryOf(resolved),
    },
    {
      provide: StampRegistry,
      inject: [RESOLVED_OPTIONS],
      useFactory: ({ stamps }: ResolvedMessengerOptions) => new StampRegistry(stamps),
    },
    {
      provide: DiscoveredProviders,
      inject: [DiscoveryService],
      useFactory: (discovery: DiscoveryService) => new DiscoveredProviders(discovery),
    },
    {
      provide: ProviderReferences,
      inject: [DiscoveredProviders, ModuleRef],
      useFactory: (providers: DiscoveredProviders, moduleRef: ModuleRef) =>
        new ProviderReferences(providers, moduleRef),
    },
  ];
}

/** With the types that the options name; those of the handlers are added when they are explored. */
function registryOf({ messages, routing }: ResolvedMessengerOptions): MessageRegistry {
  const registry = new MessageRegistry();
  messages.forEach((type) => registry.register(type));
  routing.forEach(([type]) => typeof type === 'function' && registry.register(type));
  return registry;
}

const lifecycle: Provider = {
  provide: MessengerLifecycle,
  inject: [MessengerWiring, InProcessWorkers, HandlerRunner, TransportRegistry, Outboxes, MESSENGER_LOGGER],
  useFactory: (
    wiring: MessengerWiring,
    workers: InProcessWorkers,
    runner: HandlerRunner,
    transports: TransportRegistry,
    outboxes: Outboxes,
    logger: MessengerLogger,
  ) => new MessengerLifecycle({ wiring, workers, runner, transports, outboxes, logger }),
};
