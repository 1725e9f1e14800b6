import { createHmac, randomBytes } from 'node:crypto';
import type { AmqpTls } from './amqp.tls.js';

/** A server, by name or by address. IPv6 addresses have no brackets. */
export interface AmqpHost {
  readonly host: string;
  readonly port: number;
}

/** Where RabbitMQ is, and how to get in. Two transports with equal endpoints share a connection. */
export interface AmqpEndpoint {
  /** The nodes that may be connected to, at least one; they are tried in turn. */
  readonly hosts: readonly AmqpHost[];
  /** As RabbitMQ knows it: `/`, not `%2f`. */
  readonly vhost: string;
  readonly user: string;
  readonly password: string;
  /** By the certificate in `tls`; without it, by user name and password. */
  readonly saslMethod?: 'external';
  /** How to secure the connection; without it, it is not secured. */
  readonly tls?: AmqpTls;
  /** How often each side shows that it is there, in seconds; 0: never. */
  readonly heartbeat: number;
  /** How long connecting may take, in milliseconds. */
  readonly connectTimeout: number;
  /** How long nothing at all may arrive, heartbeats included, in milliseconds; without it, the heartbeat decides. */
  readonly readTimeout?: number;
  /** How long writing to the socket may stand still, in milliseconds; without it, the heartbeat decides. */
  readonly writeTimeout?: number;
  /** How long RabbitMQ may take to answer a method, such as a declaration, in milliseconds; without it, any time. */
  readonly rpcTimeout?: number;
  /** How the connection is called in the management page; without it, host and process. */
  readonly connectionName?: string;
  /** The largest frame in bytes; without it, what RabbitMQ proposes. */
  readonly frameMax?: number;
  /** The most channels of the connection; without it, what RabbitMQ proposes. */
  readonly channelMax?: number;
}

/** Secrets are hashed with it, so that a key that ends up in a log cannot be tried against likely passwords. */
const SALT = randomBytes(32);

/** For texts: where `endpoint` is, without user and secrets, such as `amqp://host:5672/%2F`. */
export function describeEndpoint({ tls, hosts, vhost }: AmqpEndpoint): string {
  const scheme = tls === undefined ? 'amqp' : 'amqps';
  return `${scheme}://${hosts.map(describeHost).join(',')}/${encodeURIComponent(vhost)}`;
}

/** Equal for endpoints whose connections can be shared, and for no others. Holds no secret. */
export function endpointKey(endpoint: AmqpEndpoint): string {
  const { hosts, tls, ...rest } = endpoint;
  const identity = [
    hosts.map(describeHost).toSorted(),
    sortedEntries(rest),
    tls === undefined ? null : sortedEntries(tls),
  ];
  return createHmac('sha256', SALT).update(JSON.stringify(identity)).digest('hex');
}

/** An entry that is undefined is one that is absent. */
function sortedEntries(object: object): ReadonlyArray<readonly [string, unknown]> {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function describeHost({ host, port }: AmqpHost): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
