import type { Serializer } from '../../serializer/serializer.js';
import type { TransportContext } from '../../transport/transport-factory.js';
import { AmqpClaimsById } from './amqp.claims-by-id.js';
import type { AmqpConnection } from './amqp.connection.js';
import { AmqpConsumer } from './amqp.consumer.js';
import type { AmqpProcess } from './amqp.consumer-tag.js';
import { AmqpListing } from './amqp.listing.js';
import { AmqpLosses } from './amqp.losses.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import { AmqpPublisher } from './amqp.publisher.js';
import { AmqpRedeliveries } from './amqp.redeliveries.js';
import { AmqpSession } from './amqp.session.js';
import { AmqpSettlement } from './amqp.settlement.js';
import { AmqpSignals } from './amqp.signals.js';
import { AmqpTopology } from './amqp.topology.js';

/** What an `AmqpTransport` is made of. */
export interface AmqpTransportParts {
  readonly options: ResolvedAmqpOptions;
  readonly serializer: Serializer;
  readonly session: AmqpSession;
  readonly topology: AmqpTopology;
  readonly publisher: AmqpPublisher;
  readonly consumer: AmqpConsumer;
  readonly losses: AmqpLosses;
  readonly redeliveries: AmqpRedeliveries;
  readonly settlement: AmqpSettlement;
  readonly claimsById: AmqpClaimsById;
  readonly listing: AmqpListing;
  readonly signals: AmqpSignals;
  /** Ends every wait. */
  readonly closing: AbortController;
}

/** Puts the parts of one transport together. Nothing is connected yet. */
export function assembleParts(
  connection: AmqpConnection,
  options: ResolvedAmqpOptions,
  { transportName, serializer, logger }: TransportContext,
  identity: AmqpProcess,
): AmqpTransportParts {
  const session = new AmqpSession(connection, transportName);
  const topology = new AmqpTopology(session, options);
  const publisher = new AmqpPublisher(session, options, topology);
  const closing = new AbortController();
  const losses = new AmqpLosses();
  const consumer = new AmqpConsumer({
    session,
    topology,
    options,
    logger,
    identity,
    closing: closing.signal,
    losses,
  });
  return {
    options,
    serializer,
    session,
    topology,
    publisher,
    consumer,
    losses,
    redeliveries: new AmqpRedeliveries(session, publisher, options, logger),
    settlement: new AmqpSettlement({ topology, publisher, consumer }),
    claimsById: new AmqpClaimsById(session, topology, options),
    listing: new AmqpListing(session, topology, options),
    signals: new AmqpSignals(session, options),
    closing,
  };
}
