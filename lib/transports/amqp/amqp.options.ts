import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import type { Dsn } from '../../transport/dsn.js';
import { type OptionReaders, read, resolveOptions, toCamelCase } from '../../transport/options.js';
import {
  type AmqpConnectionOptions,
  CONNECTION_READERS,
  type ConnectionSettings,
  milliseconds,
  resolveEndpoint,
  withoutAliases,
} from './amqp.connection-options.js';
import { type DelayOptions, resolveDelay } from './amqp.delay-options.js';
import { parseAmqpDsn, refuseUserInQuery } from './amqp.dsn.js';
import type { AmqpEndpoint } from './amqp.endpoint.js';
import { type ExchangeOptions, resolveExchange } from './amqp.exchange-options.js';
import { type QueueOptions, resolveQueues } from './amqp.queue-options.js';
import { nestQuery, optionOfKey } from './amqp.query.js';

export type { DelayOptions, ExchangeOptions, QueueOptions };

const DEFAULT_CONFIRM_TIMEOUT_MS = 10_000;
const DEFAULT_BLOCKED_TIMEOUT_S = 10;
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The options of an `amqp:` transport: camelCase in code, snake_case in the DSN's query; Symfony's names, so times are in seconds.
 */
export interface AmqpOptions extends AmqpConnectionOptions {
  /** The exchange that is published to, see {@link ExchangeOptions}; its flags also as PHP's sum, `flags: 2`. */
  readonly exchange?: Readonly<Record<string, unknown>>;
  /**
   * The queues that are consumed, see {@link QueueOptions}: by name, or a list of names; `false` or an empty list: none.
   *
   * @default one, called as the path of the DSN calls the exchange, or `messages`
   */
  readonly queues?: Readonly<Record<string, unknown>> | readonly string[] | boolean;
  /** How messages are delayed, see {@link DelayOptions}. */
  readonly delay?: Readonly<Record<string, unknown>>;
  /** Declare exchanges and queues on first use; otherwise `setup-transports` has to. @default true */
  readonly autoSetup?: boolean;
  /** How many messages RabbitMQ pushes ahead of their settlement; 0: as many as the worker asks for. @default 0 */
  readonly prefetchCount?: number;
  /** How long RabbitMQ may take to confirm a message, in seconds. @default 10, also for 0 */
  readonly confirmTimeout?: number;
  /** How long dispatching waits while RabbitMQ blocks the connection, in seconds; 0: not at all. @default 10 */
  readonly blockedTimeout?: number;
}

/** Where a transport keeps its messages, and how. */
export interface ResolvedAmqpOptions {
  readonly endpoint: AmqpEndpoint;
  readonly exchange: ExchangeOptions;
  /** By name; none: the transport only publishes. */
  readonly queues: ReadonlyMap<string, QueueOptions>;
  readonly delay: DelayOptions;
  readonly autoSetup: boolean;
  /** 0: automatic. */
  readonly prefetchCount: number;
  /** In milliseconds. */
  readonly confirmTimeout: number;
  /** In milliseconds; 0: dispatching does not wait. */
  readonly blockedTimeout: number;
}

/** What has been read of the options at the top. Those that hold others are read later. */
interface Settings extends ConnectionSettings {
  readonly exchange?: unknown;
  readonly queues?: unknown;
  readonly delay?: unknown;
  readonly autoSetup?: boolean;
  readonly prefetchCount?: number;
  readonly confirmTimeout?: number;
  readonly blockedTimeout?: number;
}

const asIs = (value: unknown): unknown => value;
const seconds = read.number(0, MAX_TIMER_MS / 1000);

const READERS: OptionReaders<Settings> = {
  exchange: asIs,
  queues: asIs,
  delay: asIs,
  autoSetup: read.boolean,
  prefetchCount: read.integer(0, 65_535),
  confirmTimeout: seconds,
  blockedTimeout: seconds,
  ...CONNECTION_READERS,
};

/**
 * The options of the transport `transportName`: `options` over the DSN's query over its path over the defaults; only the user and
 * the password before the host are over those of the query. In `exchange`, `queues` and `delay` each setting counts by itself.
 *
 * @throws InvalidDsnError for a DSN that cannot be understood.
 * @throws UnknownOptionError, InvalidOptionError for what is wrong in the options, and in the files they name.
 */
export function resolveAmqpOptions(
  transportName: string,
  dsn: Dsn,
  options: Readonly<Record<string, unknown>> = {},
): ResolvedAmqpOptions {
  const address = parseAmqpDsn(transportName, dsn);
  refuseUserInQuery(transportName, dsn, (key) => Object.hasOwn(READERS, toCamelCase(optionOfKey(key))));
  const fromQuery = settingsOf(transportName, nestQuery(dsn.query));
  refuseKeyInQuery(transportName, fromQuery);
  const given = settingsOf(transportName, options);
  const { user: login, password } = address;
  const settings: Settings = {
    ...fromQuery,
    ...(login !== undefined && { login }),
    ...(password !== undefined && { password }),
    ...given,
  };
  return {
    endpoint: resolveEndpoint(transportName, address, settings),
    ...resolveTopology(`Transport "${transportName}"`, [fromQuery, given], address.exchange),
    autoSetup: settings.autoSetup ?? true,
    prefetchCount: settings.prefetchCount ?? 0,
    confirmTimeout: milliseconds(settings.confirmTimeout) || DEFAULT_CONFIRM_TIMEOUT_MS,
    blockedTimeout: milliseconds(settings.blockedTimeout ?? DEFAULT_BLOCKED_TIMEOUT_S),
  };
}

/** What one source says. `null` is how PHP writes that an option is not set. */
function settingsOf(transportName: string, source: Readonly<Record<string, unknown>>): Settings {
  const said = Object.entries(source).filter(([, value]) => value !== null);
  const settings = resolveOptions<Settings>(
    transportName,
    { query: [] },
    Object.fromEntries(said),
    READERS,
    {},
  );
  return withoutAliases(transportName, settings);
}

function resolveTopology(
  where: string,
  sources: readonly Settings[],
  pathExchange: string | undefined,
): Pick<ResolvedAmqpOptions, 'exchange' | 'queues' | 'delay'> {
  const saying = (name: 'exchange' | 'queues' | 'delay'): readonly unknown[] =>
    sources.map((source) => source[name]).filter((value) => value !== undefined);
  const exchange = resolveExchange(where, saying('exchange'), pathExchange);
  return {
    exchange,
    // As in Symfony, the path names the queue even where an option names another exchange.
    queues: resolveQueues(where, saying('queues'), pathExchange ?? 'messages', exchange.name === ''),
    delay: resolveDelay(where, saying('delay'), exchange.name),
  };
}

/** A DSN is shown in places, with those secrets hidden that are known to be some. */
function refuseKeyInQuery(transportName: string, { key }: Settings): void {
  if (key?.includes('-----BEGIN ') === true) {
    const reason = 'must be the name of a file in a DSN; PEM belongs into the options of the transport';
    throw new InvalidOptionError(`Transport "${transportName}"`, 'key', reason);
  }
}
