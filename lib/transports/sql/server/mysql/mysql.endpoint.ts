import { userInfo } from 'node:os';
import type { MysqlTls } from './mysql.tls.js';

/** What a DSN may say about the connection, besides TLS. */
export interface MysqlAddress {
  readonly host?: string;
  readonly port?: number;
  readonly unixSocket?: string;
  readonly user?: string;
  readonly password?: string;
  readonly dbname?: string;
}

/** How a process connects to one database. */
export interface MysqlEndpoint {
  /** The settings of a mysql2 connection. Holds the password. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly poolSize: number;
  /** Milliseconds. */
  readonly queryTimeout: number;
  /** What the database is called in errors. */
  readonly description: string;
  /** The same for every process that uses the database in this way. */
  readonly location: string;
}

/** What {@link resolveEndpoint} fills in. */
export interface EndpointSettings {
  readonly poolSize: number;
  /** Seconds. */
  readonly connectTimeout: number;
  /** Milliseconds. */
  readonly queryTimeout: number;
}

export function resolveEndpoint(
  address: MysqlAddress,
  { poolSize, connectTimeout, queryTimeout }: EndpointSettings,
  tls: MysqlTls | false,
): MysqlEndpoint {
  const { host = 'localhost', port = 3306, unixSocket, password, dbname } = address;
  const user = address.user ?? userInfo().username;
  const server = unixSocket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const place = `${server}/${dbname ?? ''}`;
  return {
    config: {
      ...(unixSocket === undefined ? { host, port } : { socketPath: unixSocket }),
      user,
      ...(password !== undefined && { password }),
      ...(dbname !== undefined && { database: dbname }),
      ...(tls !== false && { ssl: tls }),
      connectTimeout: Math.round(connectTimeout * 1000),
      multipleStatements: true,
      // A server must not be able to ask for files of this machine.
      flags: ['-LOCAL_FILES'],
      enableKeepAlive: true,
    },
    poolSize,
    queryTimeout,
    description: `MySQL at ${place}`,
    location: `mysql:${place}`,
  };
}
