import { InvalidOptionError } from '../../../../errors/invalid-option.error.js';
import type { Dsn } from '../../../../transport/dsn.js';
import { type OptionReaders, read, refusal, resolveOptions } from '../../../../transport/options.js';
import type { ServerOptions } from '../server.transport.js';
import { parseMysqlDsn } from './mysql.dsn.js';
import { type MysqlAddress, type MysqlEndpoint, resolveEndpoint } from './mysql.endpoint.js';
import { type MysqlTlsOptions, SSL_MODES, tlsOf } from './mysql.tls.js';

/** The longest a Node.js timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options of a `mysql:` transport: camelCase in code, snake_case in the DSN's query. */
export interface MysqlOptions extends Omit<ServerOptions, 'checkDelayedInterval'> {
  /** The most connections, and as many again for the transactions of idempotent handlers. Opened when needed. @default 5 */
  readonly poolSize: number;
  /** How long to wait for a connection, in seconds. @default 10 */
  readonly connectTimeout: number;
  /** How long to wait for the answer to a statement, in milliseconds. Then the connection is given up. @default 30000 */
  readonly queryTimeout: number;
}

/** Where a transport keeps its messages, and how. */
export interface ResolvedMysqlOptions extends MysqlOptions {
  readonly endpoint: MysqlEndpoint;
}

type Options = MysqlOptions & MysqlTlsOptions & MysqlAddress;

const DEFAULTS: MysqlOptions = {
  tableName: 'messenger_messages',
  queueName: 'default',
  autoSetup: true,
  redeliverTimeout: 60,
  pollInterval: 1000,
  poolSize: 5,
  connectTimeout: 10,
  queryTimeout: 30_000,
};

const READERS: OptionReaders<Options> = {
  tableName: tableNameOf,
  queueName: queueNameOf,
  autoSetup: read.boolean,
  redeliverTimeout: read.number(0.1, MAX_TIMER_MS / 1000),
  pollInterval: read.number(100, MAX_TIMER_MS),
  poolSize: read.integer(1, 1000),
  connectTimeout: read.number(0.1, MAX_TIMER_MS / 1000),
  queryTimeout: read.integer(100, MAX_TIMER_MS),
  host: read.text,
  port: read.integer(1, 65_535),
  unixSocket: read.text,
  user: read.text,
  password: secretOf,
  dbname: read.text,
  sslMode: sslModeOf,
  sslCa: read.text,
  sslCert: read.text,
  sslKey: read.text,
  sslPassword: secretOf,
};

/** Names of the same: those of MySQL's own client, and those that are usual elsewhere. */
const ALIASES: Readonly<Record<string, string>> = {
  'ssl-mode': 'ssl_mode',
  'ssl-ca': 'ssl_ca',
  'ssl-cert': 'ssl_cert',
  'ssl-key': 'ssl_key',
  database: 'dbname',
  username: 'user',
  socket: 'unix_socket',
};

/**
 * The options of the transport `transportName`: `options` over the DSN's query over what stands before it over the defaults.
 *
 * @throws InvalidDsnError for a DSN that cannot be understood; UnknownOptionError, InvalidOptionError for what is wrong in the
 * options, and in the files they name.
 */
export function resolveMysqlOptions(
  transportName: string,
  dsn: Dsn,
  options: Readonly<Record<string, unknown>> = {},
): ResolvedMysqlOptions {
  const address = parseMysqlDsn(transportName, dsn);
  const query = dsn.query.map(([key, value]) => [ALIASES[key] ?? key, value] as const);
  const given = Object.entries(options).map(([key, value]) => [ALIASES[key] ?? key, value] as const);
  refuseCharset(transportName, [...query, ...given]);
  const defaults = { ...DEFAULTS, ...address };
  const values = resolveOptions<Options>(
    transportName,
    { query },
    Object.fromEntries(given),
    READERS,
    defaults,
  );
  if (values.dbname === undefined && !values.tableName.includes('.')) {
    throw new InvalidOptionError(
      `Transport "${transportName}"`,
      'dbname',
      'is missing: name the database in the path of the DSN, as in "mysql://host:3306/database"',
    );
  }
  const host = values.unixSocket === undefined ? (values.host ?? 'localhost') : undefined;
  return {
    ...ownOptions(values),
    endpoint: resolveEndpoint(values, values, tlsOf(transportName, values, host)),
  };
}

function ownOptions(values: Options): MysqlOptions {
  const own = Object.entries(values).filter(([name]) => Object.hasOwn(DEFAULTS, name));
  return Object.fromEntries(own) as unknown as MysqlOptions;
}

/** Usual in the DSNs of other libraries. */
function refuseCharset(transportName: string, given: ReadonlyArray<readonly [string, unknown]>): void {
  if (given.some(([key]) => key === 'charset')) {
    throw new InvalidOptionError(
      `Transport "${transportName}"`,
      'charset',
      'cannot be chosen: messages are sent and stored in utf8mb4. Leave it out',
    );
  }
}

function tableNameOf(value: unknown): string {
  const name = read.text(value);
  const parts = name.split('.');
  const isName = parts.length <= 2 && parts.every((part) => /^[A-Za-z_][A-Za-z0-9_]{0,49}$/.test(part));
  if (!isName || /^nestjs_messenger_/i.test(parts.at(-1) ?? '')) {
    throw refusal(
      'must be a name of letters, digits and "_", 50 at most, that begins with neither a digit nor "nestjs_messenger_", and may ' +
        `follow the name of a database and a dot, got "${name}"`,
    );
  }
  return name;
}

function queueNameOf(value: unknown): string {
  const name = read.text(value);
  if (Array.from(name).length > 190) {
    throw refusal('must be a text of 190 characters at most');
  }
  if (name.endsWith(' ')) {
    throw refusal('must not end with a space, which the database does not tell from none');
  }
  return name;
}

function sslModeOf(value: unknown): NonNullable<MysqlTlsOptions['sslMode']> {
  const mode = String(value).toLowerCase().replaceAll('-', '_');
  if (mode === 'preferred') {
    throw refusal(
      'is "preferred", which whoever stands between may turn into a connection without TLS; say "required" or "disabled"',
    );
  }
  return read.oneOf(...SSL_MODES)(mode);
}

/** A reader whose error does not show the value. */
function secretOf(value: unknown): string {
  if (typeof value !== 'string') {
    throw refusal('must be a text');
  }
  return value;
}
