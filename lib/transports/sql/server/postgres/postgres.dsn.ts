import type { Dsn } from '../../../../transport/dsn.js';
import { parseServerDsn } from '../server.dsn.js';
import type { PostgresAddress } from './postgres.endpoint.js';

/** The schemes of PostgreSQL DSNs. */
export const POSTGRES_SCHEMES = ['postgres', 'postgresql', 'pgsql'] as const;

/**
 * Parses the part before the query of `postgres://user:password@host:port/database`. Each part may be left out. A host that is the
 * escaped path of a folder, `%2Fvar%2Frun%2Fpostgresql`, means the socket in it.
 *
 * @throws InvalidDsnError for what cannot be understood, without secrets.
 */
export function parsePostgresDsn(transportName: string, dsn: Dsn): PostgresAddress {
  return parseServerDsn(transportName, dsn, 'postgres://host:5432/database');
}
