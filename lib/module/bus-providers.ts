import type { FactoryProvider, Provider } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { BusRegistry } from '../bus/bus-registry.js';
import { MessageBus } from '../bus/message-bus.js';
import { Messenger } from '../bus/messenger.js';
import { MiddlewareMessageBus } from '../bus/middleware-message-bus.js';
import { RoutableMessageBus } from '../bus/routable-message-bus.js';
import { DiscoveredProviders } from '../discovery/discovered-providers.js';
import { EventListenerExplorer } from '../discovery/event-listener-explorer.js';
import { HandlerExplorer } from '../discovery/handler-explorer.js';
import type { Clock } from '../envelope/clock.js';
import type { MessengerLogger } from '../event/logger.js';
import { MessengerEvents } from '../event/messenger-events.js';
import { HandlerRunner } from '../handler/handler-runner.js';
import { IdempotentHandling } from '../inbox/idempotent-handling.js';
import { MessageRegistry } from '../message/message-registry.js';
import { CurrentTransaction } from '../middleware/current-transaction.js';
import { StandardSchemaValidator } from '../middleware/standard-schema.validator.js';
import { ValidationMiddleware } from '../middleware/validation.middleware.js';
import { SendersLocator } from '../routing/senders-locator.js';
import { TransportSender } from '../routing/transport-sender.js';
import { SignedTypes } from '../serializer/signing/signed-types.js';
import { MessageLocks } from '../transport/message-locks.js';
import { Outboxes } from '../transport/outboxes.js';
import { TransportRegistry } from '../transport/transport-registry.js';
import { ClassValidation } from './class-validation.js';
import { MessengerWiring } from './messenger-wiring.js';
import { ProviderReferences } from './provider-references.js';
import type { ResolvedBus, ResolvedMessengerOptions } from './resolved-options.js';
import { getBusToken, MESSENGER_CLOCK, MESSENGER_LOGGER, RESOLVED_OPTIONS } from './tokens.js';

/** The buses, each a provider of its own, and what connects them with handlers, middleware and transports. */
export function busProviders(names: readonly string[]): readonly Provider[] {
  return [
    wiring,
    validationMiddleware,
    { provide: HandlerRunner, useFactory: () => new HandlerRunner() },
    {
      provide: SendersLocator,
      inject: [RESOLVED_OPTIONS, MessageRegistry],
      useFactory: ({ routing }: ResolvedMessengerOptions, registry: MessageRegistry) =>
        new SendersLocator(routing, registry),
    },
    {
      provide: TransportSender,
      inject: [TransportRegistry, Outboxes, MESSENGER_CLOCK],
      useFactory: (transports: TransportRegistry, outboxes: Outboxes, clock: Clock) =>
        new TransportSender(transports, outboxes, clock),
    },
    { provide: CurrentTransaction, useFactory: () => new CurrentTransaction() },
    {
      provide: Messenger,
      inject: [CurrentTransaction],
      useFactory: (transactions: CurrentTransaction) => new Messenger(transactions),
    },
    {
      provide: MessageLocks,
      inject: [RESOLVED_OPTIONS, TransportRegistry, MESSENGER_LOGGER],
      useFactory: (
        { deduplication }: ResolvedMessengerOptions,
        transports: TransportRegistry,
        logger: MessengerLogger,
      ) => new MessageLocks({ transports, logger, storeName: deduplication }),
    },
    ...names.map(bus),
    {
      provide: BusRegistry,
      inject: [RESOLVED_OPTIONS, ...names.map(getBusToken)],
      useFactory: ({ defaultBus }: ResolvedMessengerOptions, ...buses: readonly MessageBus[]) =>
        new BusRegistry(buses, defaultBus),
    },
    { provide: MessageBus, inject: [BusRegistry], useFactory: (buses: BusRegistry) => buses.default },
    {
      provide: RoutableMessageBus,
      inject: [BusRegistry],
      useFactory: (buses: BusRegistry) => new RoutableMessageBus(buses),
    },
  ];
}

const wiring: FactoryProvider<MessengerWiring> = {
  provide: MessengerWiring,
  inject: [
    RESOLVED_OPTIONS,
    DiscoveredProviders,
    ProviderReferences,
    MessengerEvents,
    MessageRegistry,
    SignedTypes,
    SendersLocator,
    TransportSender,
    MessageLocks,
    CurrentTransaction,
    HandlerRunner,
    IdempotentHandling,
    MESSENGER_LOGGER,
    ModuleRef,
  ],
  useFactory: (
    options: ResolvedMessengerOptions,
    providers: DiscoveredProviders,
    references: ProviderReferences,
    events: MessengerEvents,
    registry: MessageRegistry,
    signedTypes: SignedTypes,
    senders: SendersLocator,
    sender: TransportSender,
    locks: MessageLocks,
    transactions: CurrentTransaction,
    runner: HandlerRunner,
    idempotentHandling: IdempotentHandling,
    logger: MessengerLogger,
    moduleRef: ModuleRef,
  ) =>
    new MessengerWiring({
      options,
      providers,
      references,
      events,
      registry,
      signedTypes,
      senders,
      sender,
      locks,
      transactions,
      runner,
      idempotentHandling,
      logger,
      handlers: new HandlerExplorer(providers, {
        buses: [...options.buses.keys()],
        transports: [...options.transports.keys()],
        canSign: options.signing !== undefined,
      }),
      listeners: new EventListenerExplorer(providers),
      redispatchBus: () => moduleRef.get(RoutableMessageBus),
    }),
};

const validationMiddleware: FactoryProvider<ValidationMiddleware> = {
  provide: ValidationMiddleware,
  useFactory: () => new ValidationMiddleware([new StandardSchemaValidator(), new ClassValidation()]),
};

function bus(name: string): FactoryProvider<MessageBus | undefined> {
  return {
    provide: getBusToken(name),
    inject: [RESOLVED_OPTIONS, MessengerWiring, TransportSender],
    useFactory: (options: ResolvedMessengerOptions, wired: MessengerWiring, sender: TransportSender) => {
      const resolved: ResolvedBus | undefined = options.buses.get(name);
      return resolved && new MiddlewareMessageBus(name, wired.chainOf(resolved), sender);
    },
  };
}
