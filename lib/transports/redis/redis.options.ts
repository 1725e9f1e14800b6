import { InvalidDsnError } from '../../errors/invalid-dsn.error.js';
import type { Dsn } from '../../transport/dsn.js';
import { type OptionReaders, read, resolveOptions, toCamelCase } from '../../transport/options.js';
import { CONNECTION_READERS, type ConnectionSettings, MAX_TIMER_MS } from './redis.connection-options.js';
import {
  type ConsumerEnvironment,
  currentEnvironment,
  readConsumerName,
  readName,
  resolveConsumerName,
} from './redis.consumer-name.js';
import { parseRedisDsn, refuseUserInQuery } from './redis.dsn.js';
import type { RedisEndpoint } from './redis.endpoint.js';
import { isStructured, structureQuery } from './redis.query.js';
import { resolveEndpoint } from './redis.resolve-endpoint.js';

/**
 * The options of a `redis:` transport that concern its stream: camelCase in code, snake_case in the DSN's query. Those of the
 * connection are `RedisConnectionOptions`.
 */
export interface RedisOptions {
  /** The key of the stream; also the first part of the DSN's path. @default 'messages' */
  readonly stream: string;
  /** The consumer group that reads it; also the second part of the DSN's path. @default 'symfony' */
  readonly group: string;
  /**
   * The name under which this process reads; also the third part of the DSN's path. No other process of the group may have it.
   * A name that outlives the process lets its successor take over its messages at once. An empty one counts as none.
   *
   * @default the environment variable `MESSENGER_CONSUMER_NAME`, else `<host>-<pid>-<random>`
   */
  readonly consumer?: string;
  /** Create the stream and the group on first use; otherwise `setup-transports` has to. @default true */
  readonly autoSetup: boolean;
  /** Delete a message that has been handled; otherwise it stays in the stream. @default true */
  readonly deleteAfterAck: boolean;
  /** Delete a message that has been rejected, or was replaced by a retry; otherwise it stays in the stream. @default true */
  readonly deleteAfterReject: boolean;
  /** How many messages the stream may hold before dispatching fails; 0: any number. None is ever removed for it. @default 0 */
  readonly streamMaxEntries: number;
  /**
   * How long a message belongs to its consumer without a sign of life, in seconds, 0.1 at least: after a crash, others take it
   * this much later. Workers prolong it while a handler runs, so it may be shorter than handlers run. @default 60
   */
  readonly redeliverTimeout: number;
  /** How often to look for messages of consumers that are gone, in milliseconds; 500 at least. @default 5000 */
  readonly claimInterval: number;
  /** Connect when first used; otherwise as soon as the transport is created. @default true */
  readonly lazy: boolean;
  /** How many replicas must have a message before dispatching it succeeds. @default 0 */
  readonly waitReplicas: number;
  /** How long to wait for these replicas before dispatching fails, in milliseconds. @default 1000 */
  readonly waitTimeout: number;
}

/** Where a transport keeps its messages, and how. */
export interface ResolvedRedisOptions extends RedisOptions {
  readonly endpoint: RedisEndpoint;
  readonly consumer: string;
  /** Whether somebody chose the consumer's name, so that it outlives the process; otherwise it was made unique. */
  readonly isConsumerNamed: boolean;
  /** Whether the configuration itself holds the name, so that all processes have the same. */
  readonly isConsumerFixed: boolean;
}

/** Whether messages stay in the stream once they are settled, at least some of them. */
export function leavesSettled({ deleteAfterAck, deleteAfterReject }: RedisOptions): boolean {
  return !deleteAfterAck || !deleteAfterReject;
}

const DEFAULTS: RedisOptions = {
  stream: 'messages',
  group: 'symfony',
  autoSetup: true,
  deleteAfterAck: true,
  deleteAfterReject: true,
  streamMaxEntries: 0,
  redeliverTimeout: 60,
  claimInterval: 5000,
  lazy: true,
  waitReplicas: 0,
  waitTimeout: 1000,
};

const OPTION_READERS: OptionReaders<RedisOptions> = {
  stream: readName,
  group: readName,
  consumer: readConsumerName,
  autoSetup: read.boolean,
  deleteAfterAck: read.boolean,
  deleteAfterReject: read.boolean,
  streamMaxEntries: read.integer(0),
  redeliverTimeout: read.number(0.1, MAX_TIMER_MS / 1000),
  claimInterval: read.number(500, MAX_TIMER_MS),
  lazy: read.boolean,
  waitReplicas: read.integer(0),
  waitTimeout: read.integer(1, MAX_TIMER_MS),
};

const READERS: OptionReaders<RedisOptions & ConnectionSettings> = {
  ...OPTION_READERS,
  ...CONNECTION_READERS,
};

/**
 * The options of the transport `transportName`: `options` over the DSN's path over its query over the defaults.
 *
 * @throws InvalidDsnError for a DSN that cannot be understood.
 * @throws UnknownOptionError, InvalidOptionError for what is wrong in the options, in the files that `ssl` names, and in the
 * environment variable `MESSENGER_CONSUMER_NAME`.
 */
export function resolveRedisOptions(
  transportName: string,
  dsn: Dsn,
  options: Readonly<Record<string, unknown>> = {},
  environment: ConsumerEnvironment = currentEnvironment(),
): ResolvedRedisOptions {
  const { query, structured } = structureQuery(transportName, dsn.query);
  const given = withoutAbsent(Object.entries(options));
  const fromQuery = withoutAbsent(query);
  const hasHostOption = [given, structured, fromQuery].some((values) => Object.hasOwn(values, 'host'));
  const address = parseRedisDsn(transportName, dsn, hasHostOption);
  assertNoDatabase(transportName, dsn, given['stream'] === undefined ? address.names.stream : undefined);
  refuseUserInQuery(
    transportName,
    dsn,
    (key) => isStructured(key) || Object.hasOwn(READERS, toCamelCase(key)),
  );
  const values = resolveOptions<RedisOptions & ConnectionSettings>(
    transportName,
    { query: Object.entries(fromQuery) },
    { ...structured, ...address.names, ...given, ...mergedSsl(structured, given) },
    READERS,
    DEFAULTS,
  );
  return {
    ...ownOptions(values),
    ...resolveConsumerName(transportName, values.consumer, environment),
    endpoint: resolveEndpoint(transportName, address, values),
  };
}

/** Elsewhere the path of such a DSN is the number of the database: many providers hand out `redis://host:6379/0`. */
function assertNoDatabase(transportName: string, dsn: Dsn, stream: string | undefined): void {
  if (stream !== undefined && /^\d+$/.test(stream)) {
    const reason =
      `its path is the name of the stream, and "${stream}" looks like the number of a database; write ` +
      `"redis://host:6379/orders?dbindex=${stream}", or name the stream in the options of the transport`;
    throw new InvalidDsnError(transportName, dsn.toString(), reason);
  }
}

/** `null` is how PHP writes that an option is not set, and an empty consumer is what an unset variable leaves behind. */
function withoutAbsent<V>(entries: ReadonlyArray<readonly [string, V]>): Readonly<Record<string, V>> {
  return Object.fromEntries(
    entries.filter(
      ([key, value]) => value !== undefined && value !== null && !(key === 'consumer' && value === ''),
    ),
  );
}

/** Of `ssl`, each setting may come from the query or from the options. */
function mergedSsl(...sources: ReadonlyArray<Readonly<Record<string, unknown>>>): { ssl?: object } {
  const all = sources.map(({ ssl }) => ssl).filter((ssl) => ssl !== undefined);
  if (all.length < 2 || !all.every((ssl) => typeof ssl === 'object' && !Array.isArray(ssl))) {
    return {};
  }
  const entries = all.flatMap((ssl) => Object.entries(ssl as object));
  return { ssl: Object.fromEntries(entries.map(([key, value]) => [toCamelCase(key), value])) };
}

function ownOptions(values: RedisOptions): RedisOptions {
  const own = Object.entries(values).filter(([name]) => Object.hasOwn(OPTION_READERS, name));
  return Object.fromEntries(own) as unknown as RedisOptions;
}
