import { userInfo } from 'node:os';
import type { PostgresTls } from './postgres.tls.js';

/** What libpq lets a DSN say about the connection, besides TLS. */
export interface PostgresAddress {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly dbname?: string;
}

/** How a process connects to one database. */
export interface PostgresEndpoint {
  /** The settings of a `pg` client. Holds the password. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly poolSize: number;
  /** Milliseconds. */
  readonly connectTimeout: number;
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
  readonly applicationName: string;
}

/** @param env what libpq reads for what is not given: `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`. */
export function resolveEndpoint(
  address: PostgresAddress,
  settings: EndpointSettings,
  tls: PostgresTls | false,
  env: NodeJS.ProcessEnv,
): PostgresEndpoint {
  const host = address.host ?? given(env['PGHOST']) ?? 'localhost';
  const port = address.port ?? Number(given(env['PGPORT']) ?? 5432);
  const user = address.user ?? given(env['PGUSER']) ?? userInfo().username;
  const database = address.dbname ?? given(env['PGDATABASE']) ?? user;
  const password = address.password ?? given(env['PGPASSWORD']);
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
  return {
    config: {
      host,
      port,
      user,
      database,
      // Without one, pg looks into the password file.
      ...(password !== undefined && { password }),
      ssl: tls,
      application_name: settings.applicationName,
      keepAlive: true,
    },
    poolSize: settings.poolSize,
    connectTimeout: Math.round(settings.connectTimeout * 1000),
    queryTimeout: settings.queryTimeout,
    description: `PostgreSQL at ${place}`,
    location: `postgres:${place}`,
  };
}

/** Equal for two endpoints that may share connections. Holds the password. */
export function endpointKey(endpoint: PostgresEndpoint): string {
  // A function is all that distinguishes a mode of TLS that compares names from one that does not.
  return JSON.stringify(endpoint, (_, value: unknown) => (typeof value === 'function' ? 'function' : value));
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
