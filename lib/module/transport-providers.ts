import type { FactoryProvider, Provider, Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { RoutableMessageBus } from '../bus/routable-message-bus.js';
import type { Clock } from '../envelope/clock.js';
import type { MessengerLogger } from '../event/logger.js';
import { JsonSerializer } from '../serializer/json.serializer.js';
import { SignedTypes } from '../serializer/signing/signed-types.js';
import { StampRegistry } from '../serializer/stamp-registry.js';
import { MessageRegistry } from '../message/message-registry.js';
import { Outboxes } from '../transport/outboxes.js';
import type { TransportFactory } from '../transport/transport-factory.js';
import { TransportRegistry } from '../transport/transport-registry.js';
import type { Transport } from '../transport/transport.js';
import { InMemoryTransportFactory } from '../transports/in-memory/in-memory.transport-factory.js';
import { AmqpTransportFactory } from '../transports/amqp/amqp.transport-factory.js';
import { RedisTransportFactory } from '../transports/redis/redis.transport-factory.js';
import { MysqlTransportFactory } from '../transports/sql/server/mysql/mysql.transport-factory.js';
import { PostgresTransportFactory } from '../transports/sql/server/postgres/postgres.transport-factory.js';
import { SqliteTransportFactory } from '../transports/sql/sqlite/sqlite.transport-factory.js';
import { SyncTransportFactory } from '../transports/sync/sync.transport-factory.js';
import { ProviderReferences } from './provider-references.js';
import { createOutboxes } from './resolve-outboxes.js';
import type { ResolvedMessengerOptions } from './resolved-options.js';
import { checkSharedQueues } from './shared-queues.js';
import { getTransportToken, MESSENGER_CLOCK, MESSENGER_LOGGER, RESOLVED_OPTIONS } from './tokens.js';
import { TransportFactories } from './transport-factories.js';
import { TransportSerializers } from './transport-serializers.js';

/** The transports, each a provider of its own so that it can be injected and overridden, and what makes them. */
export function transportProviders(names: readonly string[]): readonly Provider[] {
  return [
    jsonSerializer,
    signedTypes,
    transportSerializers,
    transportFactories,
    ...names.map(transport),
    {
      provide: TransportRegistry,
      inject: [RESOLVED_OPTIONS, MESSENGER_LOGGER, ...names.map(getTransportToken)],
      useFactory: (
        options: ResolvedMessengerOptions,
        logger: MessengerLogger,
        ...made: readonly Transport[]
      ) => {
        const transports = new Map(made.map((transport, index) => [names[index] ?? '', transport]));
        checkSharedQueues(options.transports, transports, logger);
        return new TransportRegistry(transports);
      },
    },
    {
      provide: Outboxes,
      inject: [RESOLVED_OPTIONS, TransportRegistry, TransportSerializers],
      useFactory: (
        options: ResolvedMessengerOptions,
        transports: TransportRegistry,
        serializers: TransportSerializers,
      ) => createOutboxes(options.transports, transports, serializers),
    },
  ];
}

const jsonSerializer: FactoryProvider<JsonSerializer> = {
  provide: JsonSerializer,
  inject: [MessageRegistry, StampRegistry],
  useFactory: (registry: MessageRegistry, stamps: StampRegistry) => new JsonSerializer({ registry, stamps }),
};

const signedTypes: FactoryProvider<SignedTypes> = {
  provide: SignedTypes,
  inject: [RESOLVED_OPTIONS, MessageRegistry],
  useFactory: ({ signedMessages }: ResolvedMessengerOptions, registry: MessageRegistry) =>
    new SignedTypes(registry, signedMessages),
};

const transportSerializers: FactoryProvider<TransportSerializers> = {
  provide: TransportSerializers,
  inject: [
    RESOLVED_OPTIONS,
    ProviderReferences,
    JsonSerializer,
    MessageRegistry,
    StampRegistry,
    SignedTypes,
    MESSENGER_CLOCK,
  ],
  useFactory: (
    options: ResolvedMessengerOptions,
    references: ProviderReferences,
    json: JsonSerializer,
    registry: MessageRegistry,
    stamps: StampRegistry,
    types: SignedTypes,
    clock: Clock,
  ) =>
    new TransportSerializers({
      options,
      references,
      json,
      known: { registry, stamps },
      signedTypes: types,
      clock,
    }),
};

const transportFactories: FactoryProvider<Promise<TransportFactories>> = {
  provide: TransportFactories,
  inject: [RESOLVED_OPTIONS, MESSENGER_CLOCK, ModuleRef],
  useFactory: async (options: ResolvedMessengerOptions, clock: Clock, moduleRef: ModuleRef) => {
    const custom = options.transportFactories.map(async (given) =>
      typeof given === 'function' ? moduleRef.create(given as Type<TransportFactory>) : given,
    );
    return new TransportFactories([
      new SqliteTransportFactory({ clock }),
      new PostgresTransportFactory(),
      new MysqlTransportFactory(),
      new RedisTransportFactory(),
      new AmqpTransportFactory(),
      new InMemoryTransportFactory(clock),
      // Asked for with the first message: the buses need the transports first.
      new SyncTransportFactory(() => moduleRef.get(RoutableMessageBus)),
      ...(await Promise.all(custom)),
    ]);
  },
};

function transport(name: string): FactoryProvider<Transport | undefined> {
  return {
    provide: getTransportToken(name),
    inject: [
      RESOLVED_OPTIONS,
      TransportFactories,
      TransportSerializers,
      ProviderReferences,
      MESSENGER_LOGGER,
    ],
    useFactory: (
      options: ResolvedMessengerOptions,
      factories: TransportFactories,
      serializers: TransportSerializers,
      references: ProviderReferences,
      logger: MessengerLogger,
    ) => {
      const resolved = options.transports.get(name);
      return resolved && factories.create(resolved, serializers.of(resolved), logger, references);
    },
  };
}
