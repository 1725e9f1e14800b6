import type { MessengerLogger } from '../../event/logger.js';
import type { Serializer } from '../../serializer/serializer.js';
import type { TransportContext } from '../../transport/transport-factory.js';
import { RedisClaimsById } from './redis.claims-by-id.js';
import type { RedisConnection } from './redis.connection.js';
import { type ProcessIdentity, RedisConsumerLease } from './redis.consumer-lease.js';
import { RedisConsumer } from './redis.consumer.js';
import { RedisDelayedMover } from './redis.delayed-mover.js';
import { RedisDiagnosis } from './redis.diagnosis.js';
import { endpointKey, type RedisEndpoint } from './redis.endpoint.js';
import { RedisInHand } from './redis.in-hand.js';
import { keysOf, type RedisKeys } from './redis.keys.js';
import { RedisListing } from './redis.listing.js';
import { RedisLocks } from './redis.locks.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import { RedisPresence } from './redis.presence.js';
import type { RedisReaders } from './redis.reader.js';
import { RedisReplacer } from './redis.replacer.js';
import { RedisRoll } from './redis.roll.js';
import { RedisSender } from './redis.sender.js';
import { RedisSession } from './redis.session.js';
import { RedisSettlement } from './redis.settlement.js';
import { RedisSignals } from './redis.signals.js';

/** What a `RedisTransport` is made of. */
export interface RedisTransportParts {
  readonly options: ResolvedRedisOptions;
  readonly serializer: Serializer;
  readonly session: RedisSession;
  readonly keys: RedisKeys;
  /** Transports of one place can exchange messages in one atomic step. */
  readonly place: string;
  readonly sender: RedisSender;
  readonly settlement: RedisSettlement;
  readonly replacer: RedisReplacer;
  readonly consumer: RedisConsumer;
  readonly presence: RedisPresence;
  readonly mover: RedisDelayedMover;
  readonly claimsById: RedisClaimsById;
  readonly listing: RedisListing;
  readonly signals: RedisSignals;
  readonly locks: RedisLocks;
  readonly roll: RedisRoll;
  readonly inHand: RedisInHand;
  readonly diagnosis: RedisDiagnosis;
  /** Ends every wait. */
  readonly closing: AbortController;
}

/** What the transports on one server share. */
export interface SharedConnection {
  readonly connection: RedisConnection;
  readonly readers: RedisReaders;
}

/** Puts the parts of one transport together. Nothing is connected yet. */
export function assembleParts(
  { connection, readers }: SharedConnection,
  options: ResolvedRedisOptions,
  { transportName, serializer, logger }: TransportContext,
  identity: ProcessIdentity,
): RedisTransportParts {
  const session = new RedisSession(connection, transportName);
  const keys = keysOf(options.stream, connection.isCluster);
  const closing = new AbortController();
  const inHand = new RedisInHand();
  const settlement = new RedisSettlement(session, keys, options);
  const claimsById = new RedisClaimsById(session, keys, options);
  const listing = new RedisListing(session, keys, options);
  const consuming = consumingParts({ session, keys, options, readers, inHand, logger, closing, identity });
  const server = placeOf(connection.endpoint);
  return {
    options,
    serializer,
    session,
    keys,
    place: `${server} ${keys.slot}`,
    sender: new RedisSender(session, keys, options),
    settlement,
    replacer: new RedisReplacer({ settlement, claimsById, inHand, presence: consuming.presence }),
    claimsById,
    listing,
    locks: new RedisLocks(session, keys),
    roll: new RedisRoll(session, keys, server),
    inHand,
    diagnosis: new RedisDiagnosis(session, keys, options, listing),
    closing,
    ...consuming,
  };
}

/** The server and the user; how long it may take to answer does not matter. */
function placeOf(endpoint: RedisEndpoint): string {
  return endpointKey({ ...endpoint, connectTimeout: 0, commandTimeout: 0, retryInterval: 0 });
}

interface ConsumingSetup {
  readonly session: RedisSession;
  readonly keys: RedisKeys;
  readonly options: ResolvedRedisOptions;
  readonly readers: RedisReaders;
  readonly inHand: RedisInHand;
  readonly logger: MessengerLogger | undefined;
  readonly closing: AbortController;
  readonly identity: ProcessIdentity;
}

function consumingParts(
  setup: ConsumingSetup,
): Pick<RedisTransportParts, 'presence' | 'mover' | 'consumer' | 'signals'> {
  const { session, keys, options, readers, inHand, logger, identity } = setup;
  const closing = setup.closing.signal;
  const { group, consumer: name } = options;
  const lease = new RedisConsumerLease(session, keys.lease(group, name), name, identity);
  const presence = new RedisPresence({ session, keys, options, lease, logger, closing });
  const mover = new RedisDelayedMover(session, keys, presence.wakeUps, logger);
  const reader = readers.of(group, name, keys.stream);
  const signals: RedisSignals = new RedisSignals(session, keys, () => consumer.isListening);
  const consumer: RedisConsumer = new RedisConsumer({
    session,
    keys,
    options,
    presence,
    mover,
    reader,
    inHand,
    signals,
    logger,
    closing,
  });
  return { presence, mover, consumer, signals };
}
