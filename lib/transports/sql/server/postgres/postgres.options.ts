import { hostname } from 'node:os';
import { InvalidOptionError } from '../../../../errors/invalid-option.error.js';
import type { Dsn } from '../../../../transport/dsn.js';
import {
  type OptionReaders,
  read,
  refusal,
  resolveOptions,
  toCamelCase,
} from '../../../../transport/options.js';
import type { ServerOptions } from '../server.transport.js';
import { parsePostgresDsn } from './postgres.dsn.js';
import { type PostgresAddress, type PostgresEndpoint, resolveEndpoint } from './postgres.endpoint.js';
import { type PostgresTlsOptions, SSL_MODES, tlsOf } from './postgres.tls.js';

/** The longest a Node.js timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options of a `postgres:` transport: camelCase in code, snake_case in the DSN's query. */
export interface PostgresOptions extends ServerOptions {
  /**
   * Tell waiting receivers of new messages by NOTIFY, and listen on a connection of its own. Otherwise they look for them in
   * intervals of `pollInterval`. @default true
   */
  readonly useNotify: boolean;
  /**
   * The most connections for statements; the one that listens is not counted, and transactions of idempotent handlers have as many
   * of their own. Opened when needed. @default 5
   */
  readonly poolSize: number;
  /** How long to wait for a connection, in seconds. @default 10 */
  readonly connectTimeout: number;
  /** How long to wait for the answer to a statement, in milliseconds. Then the connection is given up. @default 30000 */
  readonly queryTimeout: number;
  /** What the server's list of connections calls this process. @default `messenger <host>:<pid>` */
  readonly applicationName: string;
}

/** Where a transport keeps its messages, and how. */
export interface ResolvedPostgresOptions extends PostgresOptions {
  readonly endpoint: PostgresEndpoint;
}

type Options = PostgresOptions & PostgresTlsOptions & PostgresAddress;

const DEFAULTS: PostgresOptions = {
  tableName: 'messenger_messages',
  queueName: 'default',
  autoSetup: true,
  redeliverTimeout: 60,
  pollInterval: 1000,
  checkDelayedInterval: 5000,
  useNotify: true,
  poolSize: 5,
  connectTimeout: 10,
  queryTimeout: 30_000,
  applicationName: '',
};

const READERS: OptionReaders<Options> = {
  tableName: tableNameOf,
  queueName: queueNameOf,
  autoSetup: read.boolean,
  redeliverTimeout: read.number(0.1, MAX_TIMER_MS / 1000),
  pollInterval: read.number(100, MAX_TIMER_MS),
  checkDelayedInterval: read.number(500, MAX_TIMER_MS),
  useNotify: read.boolean,
  poolSize: read.integer(1, 1000),
  connectTimeout: read.number(0.1, MAX_TIMER_MS / 1000),
  queryTimeout: read.integer(100, MAX_TIMER_MS),
  applicationName: read.text,
  host: read.text,
  port: read.integer(1, 65_535),
  user: read.text,
  password: secretOf,
  dbname: read.text,
  sslmode: sslModeOf,
  sslrootcert: read.text,
  sslcert: read.text,
  sslkey: read.text,
  sslpassword: secretOf,
};

/** Names of the same that are usual elsewhere: in PHP, and in the options of `pg`. */
const ALIASES: Readonly<Record<string, string>> = { database: 'dbname', username: 'user' };

/**
 * The options of the transport `transportName`: `options` over the DSN's query over what stands before it over the environment
 * over the defaults.
 *
 * @throws InvalidDsnError for a DSN that cannot be understood; UnknownOptionError, InvalidOptionError for what is wrong in the
 * options, and in the files they name.
 */
export function resolvePostgresOptions(
  transportName: string,
  dsn: Dsn,
  options: Readonly<Record<string, unknown>> = {},
  env: NodeJS.ProcessEnv = process.env,
): ResolvedPostgresOptions {
  assertNoneOfSymfony(transportName, [...dsn.query.map(([key]) => key), ...Object.keys(options)]);
  const address = parsePostgresDsn(transportName, dsn);
  const query = { query: dsn.query.map(([key, value]) => [ALIASES[key] ?? key, value] as const) };
  const given = Object.fromEntries(
    Object.entries(options).map(([key, value]) => [ALIASES[key] ?? key, value]),
  );
  const values = resolveOptions<Options>(transportName, query, given, READERS, { ...DEFAULTS, ...address });
  const named = {
    ...values,
    applicationName: values.applicationName || `messenger ${hostname()}:${process.pid}`,
  };
  return { ...ownOptions(named), endpoint: resolveEndpoint(named, named, tlsOf(transportName, named), env) };
}

/** Symfony's receiver waits within one call, for as long as this option says. */
function assertNoneOfSymfony(transportName: string, keys: readonly string[]): void {
  const found = keys.find((key) => toCamelCase(key) === 'getNotifyTimeout');
  if (found !== undefined) {
    throw new InvalidOptionError(
      `Transport "${transportName}"`,
      found,
      'has no meaning here: a worker that waits is told of a message at once, and wakes for other things by itself. Leave it out; how ' +
        'often to look besides is "check_delayed_interval"',
    );
  }
}

function ownOptions(values: Options): PostgresOptions {
  const own = Object.entries(values).filter(([name]) => Object.hasOwn(DEFAULTS, name));
  return Object.fromEntries(own) as unknown as PostgresOptions;
}

function tableNameOf(value: unknown): string {
  const name = read.text(value);
  const parts = name.split('.');
  const isName = parts.length <= 2 && parts.every((part) => /^[A-Za-z_][A-Za-z0-9_]{0,49}$/.test(part));
  if (!isName || /^(pg|nestjs_messenger)_/i.test(parts.at(-1) ?? '')) {
    throw refusal(
      'must be a name of letters, digits and "_", 50 at most, that begins with neither a digit nor "pg_" nor ' +
        `"nestjs_messenger_", and may follow the name of a schema and a dot, got "${name}"`,
    );
  }
  return name;
}

function queueNameOf(value: unknown): string {
  const name = read.text(value);
  if (Array.from(name).length > 190 || name.includes('\0')) {
    throw refusal('must be a text of 190 characters at most, without NUL');
  }
  return name;
}

function sslModeOf(value: unknown): NonNullable<PostgresTlsOptions['sslmode']> {
  const mode = String(value).toLowerCase();
  if (mode === 'allow' || mode === 'prefer') {
    throw refusal(
      `is "${mode}", which whoever stands between may turn into a connection without TLS; say "require" or "disable"`,
    );
  }
  return read.oneOf(...SSL_MODES)(value);
}

/** A reader whose error does not show the value. */
function secretOf(value: unknown): string {
  if (typeof value !== 'string') {
    throw refusal('must be a text');
  }
  return value;
}
