import { hostname } from 'node:os';
import type { FactoryProvider, Provider } from '@nestjs/common';
import { BusRegistry } from '../bus/bus-registry.js';
import { RoutableMessageBus } from '../bus/routable-message-bus.js';
import { isResetBetweenMessages } from '../decorator/reset-between-messages.decorator.js';
import { DiscoveredProviders } from '../discovery/discovered-providers.js';
import type { Clock } from '../envelope/clock.js';
import type { MessengerLogger } from '../event/logger.js';
import { MessengerEvents } from '../event/messenger-events.js';
import { FailedMessages } from '../failure/failed-messages.js';
import { FailureHandler } from '../failure/failure-handler.js';
import type { FailurePolicies, FailurePolicy } from '../failure/failure-policy.js';
import { HandlerRunner } from '../handler/handler-runner.js';
import type { RetryStrategy } from '../retry/retry-strategy.js';
import { Outboxes } from '../transport/outboxes.js';
import { TransportRegistry } from '../transport/transport-registry.js';
import { FailedMessageRetrier } from '../worker/failed-message-retrier.js';
import { InboxPruner } from '../worker/inbox-pruner.js';
import { type RateLimiter, TokenBucketRateLimiter } from '../worker/rate-limiter.js';
import { WorkerRolls } from '../worker/worker-rolls.js';
import type { Resettable } from '../worker/service-resetter.js';
import { StopSignal } from '../worker/stop-signal.js';
import { WorkerFactory } from '../worker/worker-factory.js';
import { commandBoot } from './command-boot.js';
import { InProcessWorkers } from './in-process-workers.js';
import { MessengerWiring } from './messenger-wiring.js';
import { ProviderReferences } from './provider-references.js';
import { ReferencedRetryStrategy } from './referenced-retry-strategy.js';
import type { ResolvedMessengerOptions, ResolvedTransport } from './resolved-options.js';
import { FAILURE_POLICIES, MESSENGER_CLOCK, MESSENGER_LOGGER, RESOLVED_OPTIONS } from './tokens.js';

/** What consumes transports, and what becomes of the messages that fail. */
export function workerProviders(): readonly Provider[] {
  return [
    failurePolicies,
    failureHandler,
    workerFactory,
    inProcessWorkers,
    {
      provide: FailedMessages,
      inject: [TransportRegistry, FAILURE_POLICIES, MESSENGER_LOGGER],
      useFactory: (transports: TransportRegistry, policies: FailurePolicies, logger: MessengerLogger) =>
        new FailedMessages(transports, policies, logger),
    },
    {
      provide: FailedMessageRetrier,
      inject: [WorkerFactory, FailedMessages],
      useFactory: (factory: WorkerFactory, failedMessages: FailedMessages) =>
        factory.createRetrier(failedMessages),
    },
    {
      provide: StopSignal,
      inject: [TransportRegistry],
      useFactory: (transports: TransportRegistry) => new StopSignal(transports),
    },
    {
      provide: WorkerRolls,
      inject: [TransportRegistry],
      useFactory: (transports: TransportRegistry) => new WorkerRolls(transports),
    },
  ];
}

const failurePolicies: FactoryProvider<FailurePolicies> = {
  provide: FAILURE_POLICIES,
  inject: [RESOLVED_OPTIONS, ProviderReferences],
  useFactory: ({ transports }: ResolvedMessengerOptions, references: ProviderReferences) =>
    new Map(Array.from(transports, ([name, transport]) => [name, failurePolicy(transport, references)])),
};

function failurePolicy(
  { name, retryStrategy, failureTransport }: ResolvedTransport,
  references: ProviderReferences,
): FailurePolicy {
  const use = { where: `Transport "${name}"`, option: 'retry', methods: ['isRetryable', 'waitingTime'] };
  const reference = references.to<RetryStrategy>(retryStrategy, use);
  return {
    retryStrategy: typeof retryStrategy === 'object' ? retryStrategy : new ReferencedRetryStrategy(reference),
    failureTransport,
  };
}

const failureHandler: FactoryProvider<FailureHandler> = {
  provide: FailureHandler,
  inject: [TransportRegistry, FAILURE_POLICIES, MessengerEvents, MESSENGER_LOGGER, MESSENGER_CLOCK],
  useFactory: (
    transports: TransportRegistry,
    policies: FailurePolicies,
    events: MessengerEvents,
    logger: MessengerLogger,
    clock: Clock,
  ) => new FailureHandler({ transports, policies, events, logger, clock, host: hostname() }),
};

const workerFactory: FactoryProvider<WorkerFactory> = {
  provide: WorkerFactory,
  inject: [
    RESOLVED_OPTIONS,
    TransportRegistry,
    Outboxes,
    RoutableMessageBus,
    FailureHandler,
    HandlerRunner,
    MessengerWiring,
    DiscoveredProviders,
    InboxPruner,
    MessengerEvents,
    MESSENGER_LOGGER,
    MESSENGER_CLOCK,
  ],
  useFactory: (
    options: ResolvedMessengerOptions,
    transports: TransportRegistry,
    outboxes: Outboxes,
    bus: RoutableMessageBus,
    handler: FailureHandler,
    runner: HandlerRunner,
    wiring: MessengerWiring,
    providers: DiscoveredProviders,
    pruner: InboxPruner,
    events: MessengerEvents,
    logger: MessengerLogger,
    clock: Clock,
  ) =>
    new WorkerFactory({
      transports,
      outboxes,
      bus,
      failureHandler: handler,
      runner,
      handlerNamesOf: (envelope, busName) => wiring.handlerNamesOf(envelope, busName),
      rateLimiters: rateLimitersOf(options),
      resettables: () => resettablesOf(providers),
      background: [pruner],
      events,
      logger,
      clock,
      host: hostname(),
    }),
};

const inProcessWorkers: FactoryProvider<InProcessWorkers> = {
  provide: InProcessWorkers,
  inject: [RESOLVED_OPTIONS, WorkerFactory, BusRegistry, MESSENGER_LOGGER],
  useFactory: (
    { workers }: ResolvedMessengerOptions,
    factory: WorkerFactory,
    buses: BusRegistry,
    logger: MessengerLogger,
  ) => new InProcessWorkers(commandBoot.getStore() === undefined ? workers : [], factory, buses, logger),
};

function rateLimitersOf({ transports }: ResolvedMessengerOptions): ReadonlyMap<string, RateLimiter> {
  return new Map(
    [...transports.values()].flatMap(({ name, rateLimit }) =>
      rateLimit === undefined ? [] : [[name, new TokenBucketRateLimiter(rateLimit)] as const],
    ),
  );
}

function resettablesOf(providers: DiscoveredProviders): readonly Resettable[] {
  return providers
    .all()
    .filter(({ type, isStatic }) => type !== undefined && isResetBetweenMessages(type) && isStatic)
    .map(({ instance }) => instance as Resettable);
}
