import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { type OptionReaders, read, refusal } from '../../transport/options.js';
import type { AmqpAddress } from './amqp.dsn.js';
import type { AmqpEndpoint, AmqpHost } from './amqp.endpoint.js';
import { type NamedHost, parseHost } from './amqp.host.js';
import { type AmqpTlsOptions, readPemOrFile, tlsOf } from './amqp.tls.js';

/** The longest a Node.js timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 5672;
const DEFAULT_TLS_PORT = 5671;
const DEFAULT_HEARTBEAT_S = 30;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/** The options of an AMQP transport that concern the connection, which transports with equal ones share. */
export interface AmqpConnectionOptions extends AmqpTlsOptions {
  /** The host, or `host:port`. @default that of the DSN, or 'localhost' */
  readonly host?: string;
  /** Several of them, the nodes of a cluster. In a DSN: `hosts[]=h1&hosts[]=h2:5673`, or `h1,h2:5673` where the host is. */
  readonly hosts?: readonly string[];
  /** The port of hosts that have none beside them. @default 5672, with TLS 5671 */
  readonly port?: number;
  /** @default that of the DSN, or '/' */
  readonly vhost?: string;
  /** @default that of the DSN, or 'guest' */
  readonly login?: string;
  /** The same as `login`. */
  readonly user?: string;
  /** @default that of the DSN, or 'guest' */
  readonly password?: string;
  /** How long connecting may take, in seconds. @default 10, also for 0 */
  readonly connectTimeout?: number;
  /** After how long without a sign of life the connection is given up, in seconds; heartbeats come often enough. @default 0: `heartbeat` decides */
  readonly readTimeout?: number;
  /** The same, as far as a heartbeat tells; the shorter one counts. @default 0 */
  readonly writeTimeout?: number;
  /** How long RabbitMQ may take to answer a method, such as a declaration, in seconds; 0: any time. @default 0 */
  readonly rpcTimeout?: number;
  /** How often each side shows that it is there, in seconds; 0: never. @default 30 */
  readonly heartbeat?: number;
  /** The largest frame in bytes, 4096 at least; 0: what RabbitMQ proposes. @default 0 */
  readonly frameMax?: number;
  /** The most channels; 0: what RabbitMQ proposes. @default 0 */
  readonly channelMax?: number;
  /** How the connection is called in the management page. @default host and process */
  readonly connectionName?: string;
  /**
   * How to log in: `plain`, or 0, by user name and password; `external`, or 1, by the certificate `cert`, with which RabbitMQ
   * needs its plugin rabbitmq_auth_mechanism_ssl; user name and password are not used then.
   *
   * @default 'plain'
   */
  readonly saslMethod?: 'plain' | 'external';
  /** Accepted since a PHP application may need it; without effect, connections last anyway. */
  readonly persistent?: unknown;
  /** Accepted since a PHP application may have it; without effect. */
  readonly retry?: unknown;
}

/** What has been read of each of them. */
export interface ConnectionSettings extends Omit<AmqpConnectionOptions, 'host' | 'hosts'> {
  readonly host?: NamedHost;
  readonly hosts?: readonly NamedHost[];
}

/** An option that contradicts another one or the DSN. */
type Refuse = (option: string, reason: string) => never;

const seconds = read.number(0, MAX_TIMER_MS / 1000);

export const CONNECTION_READERS: OptionReaders<ConnectionSettings> = {
  host: readHost,
  hosts: readHosts,
  port: read.integer(1, 65_535),
  vhost: read.text,
  login: readSecret,
  user: readSecret,
  password: readSecret,
  connectTimeout: seconds,
  readTimeout: seconds,
  writeTimeout: seconds,
  rpcTimeout: seconds,
  heartbeat: read.integer(0, 65_535),
  frameMax: readFrameMax,
  channelMax: read.integer(0, 65_535),
  connectionName: read.text,
  saslMethod: readSaslMethod,
  persistent: (value) => value,
  retry: (value) => value,
  cacert: readPemOrFile,
  cert: readPemOrFile,
  key: readPemOrFile,
  passphrase: readSecret,
  verify: read.boolean,
};

/**
 * `settings` of one source with `user` as `login`, and `host` as `hosts`.
 *
 * @throws InvalidOptionError if both names of a thing are there.
 */
export function withoutAliases<S extends ConnectionSettings>(
  transportName: string,
  { user, host, ...settings }: S,
): Omit<S, 'user' | 'host'> {
  const refuse = refuseFor(transportName);
  if (settings.login !== undefined && user !== undefined) {
    refuse('user', 'means the same as "login"; give one of them');
  }
  if (settings.hosts !== undefined && host !== undefined) {
    refuse('host', 'names a host, and so does "hosts"; give one of them');
  }
  return {
    ...settings,
    ...(user !== undefined && { login: user }),
    ...(host !== undefined && { hosts: [host] }),
  };
}

/**
 * What the DSN and the options amount to.
 *
 * @param settings those of both, without aliases, user and password of the DSN included.
 * @throws InvalidOptionError for those that contradict each other; for what {@link tlsOf} refuses, its errors.
 */
export function resolveEndpoint(
  transportName: string,
  address: AmqpAddress,
  settings: ConnectionSettings,
): AmqpEndpoint {
  const refuse = refuseFor(transportName);
  const { login, password, vhost, connectionName, frameMax, channelMax, saslMethod } = settings;
  return {
    hosts: hostsOf(address, settings, refuse),
    vhost: vhost ?? address.vhost ?? '/',
    user: login ?? 'guest',
    password: password ?? 'guest',
    ...(saslMethod === 'external' && byCertificate(address, settings, refuse)),
    ...(address.isTls && { tls: tlsOf(transportName, tlsSettings(settings)) }),
    ...(!address.isTls && refuseTls(settings, refuse)),
    heartbeat: settings.heartbeat ?? DEFAULT_HEARTBEAT_S,
    connectTimeout: milliseconds(settings.connectTimeout) || DEFAULT_CONNECT_TIMEOUT_MS,
    ...unlessZero('readTimeout', milliseconds(settings.readTimeout)),
    ...unlessZero('writeTimeout', milliseconds(settings.writeTimeout)),
    ...unlessZero('rpcTimeout', milliseconds(settings.rpcTimeout)),
    ...unlessZero('frameMax', frameMax),
    ...unlessZero('channelMax', channelMax),
    ...(connectionName !== undefined && { connectionName }),
  };
}

/** A time in seconds, as options have it, in whole milliseconds; 0 if it is not given. */
export function milliseconds(time: number | undefined): number {
  return Math.ceil((time ?? 0) * 1000);
}

function refuseFor(transportName: string): Refuse {
  return (option, reason) => {
    throw new InvalidOptionError(`Transport "${transportName}"`, option, reason);
  };
}

function hostsOf(
  address: AmqpAddress,
  { hosts, port }: ConnectionSettings,
  refuse: Refuse,
): readonly AmqpHost[] {
  const named = hosts ?? address.hosts;
  const known = named.length === 0 ? [{ host: DEFAULT_HOST }] : named;
  const [only, ...others] = known;
  if (port !== undefined && hosts === undefined && only !== undefined && others.length === 0) {
    return [{ host: only.host, port }];
  }
  if (port !== undefined && known.every((one) => one.port !== undefined)) {
    refuse('port', 'is given, and each host has a port beside it; give one of them');
  }
  const defaultPort = port ?? (address.isTls ? DEFAULT_TLS_PORT : DEFAULT_PORT);
  return known.map((one) => ({ port: defaultPort, ...one }));
}

function tlsSettings({ cacert, cert, key, passphrase, verify }: ConnectionSettings): AmqpTlsOptions {
  return {
    ...(cacert !== undefined && { cacert }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(verify !== undefined && { verify }),
  };
}

function byCertificate(
  { isTls }: AmqpAddress,
  { cert }: ConnectionSettings,
  refuse: Refuse,
): { readonly saslMethod: 'external' } {
  if (!isTls || cert === undefined) {
    const missing = isTls
      ? 'name its file as "cert"'
      : 'write the DSN with "amqps:", and name its file as "cert"';
    refuse('sasl_method', `is "external", which logs in by a certificate; ${missing}`);
  }
  return { saslMethod: 'external' };
}

function refuseTls(settings: ConnectionSettings, refuse: Refuse): object {
  const [option] = Object.keys(tlsSettings(settings));
  return option === undefined ? {} : refuse(option, 'needs TLS; write the DSN with "amqps:"');
}

function unlessZero<N extends string>(name: N, value = 0): { readonly [K in N]?: number } {
  return value === 0 ? {} : ({ [name]: value } as { readonly [K in N]?: number });
}

function readHosts(value: unknown): readonly NamedHost[] {
  const texts = typeof value === 'string' ? value.split(',') : Object.values(value ?? {});
  if (typeof value === 'number' || typeof value === 'boolean' || texts.length === 0) {
    throw refusal('must be a list of hosts, such as ["h1", "h2:5673"]');
  }
  return texts.map(readHost);
}

function readHost(value: unknown): NamedHost {
  if (typeof value !== 'string') {
    throw refusal('must be a text such as "host" or "host:5672"');
  }
  try {
    return parseHost(value);
  } catch (error) {
    throw refusal(`is not valid: ${(error as Error).message}`);
  }
}

/** A reader whose error does not show the value. */
function readSecret(value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw refusal('must be a text that is not empty');
  }
  return value;
}

function readFrameMax(value: unknown): number {
  const size = read.integer(0, 2 ** 31 - 1)(value);
  if (size > 0 && size < 4096) {
    throw refusal(`must be 0, or 4096 at least, got ${size}`);
  }
  return size;
}

/** The numbers are those of PHP's AMQP_SASL_METHOD_PLAIN and AMQP_SASL_METHOD_EXTERNAL. */
function readSaslMethod(value: unknown): 'plain' | 'external' {
  const method = String(value).toLowerCase();
  if (method === '0' || method === 'plain') {
    return 'plain';
  }
  if (method === '1' || method === 'external') {
    return 'external';
  }
  throw refusal('must be "plain" (or 0) or "external" (or 1)');
}
