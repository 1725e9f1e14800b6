import type { Dsn } from '../../../../transport/dsn.js';
import { parseServerDsn } from '../server.dsn.js';
import type { MysqlAddress } from './mysql.endpoint.js';

/** The schemes of MySQL and MariaDB DSNs. */
export const MYSQL_SCHEMES = ['mysql', 'mariadb'] as const;

/**
 * Parses the part before the query of `mysql://user:password@host:port/database`. Each part may be left out. A host that is the
 * escaped path of a socket, `%2Frun%2Fmysqld%2Fmysqld.sock`, means that socket.
 *
 * @throws InvalidDsnError for what cannot be understood, without secrets.
 */
export function parseMysqlDsn(transportName: string, dsn: Dsn): MysqlAddress {
  const { host, ...address } = parseServerDsn(transportName, dsn, 'mysql://host:3306/database');
  if (host === undefined) {
    return address;
  }
  return host.startsWith('/') ? { ...address, unixSocket: host } : { ...address, host };
}
