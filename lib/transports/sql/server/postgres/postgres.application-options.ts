import { InvalidDsnError } from '../../../../errors/invalid-dsn.error.js';
import { InvalidOptionError } from '../../../../errors/invalid-option.error.js';
import type { Dsn } from '../../../../transport/dsn.js';
import { toCamelCase } from '../../../../transport/options.js';

/** What concerns connections of a transport's own. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'poolSize',
  'connectTimeout',
  'applicationName',
  'host',
  'port',
  'user',
  'username',
  'password',
  'dbname',
  'database',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
]);

/**
 * Checks that a transport that uses a connection of the application says nothing about connections itself.
 *
 * @throws InvalidDsnError, InvalidOptionError
 */
export function assertNoConnectionOptions(
  transportName: string,
  dsn: Dsn,
  options: Readonly<Record<string, unknown>>,
): void {
  if (dsn.rest !== '' && dsn.rest !== '//') {
    throw new InvalidDsnError(
      transportName,
      dsn.toString(),
      'it says where to connect, but the transport uses what its option "connection" names; write ' +
        `"${dsn.scheme}:", with the table and the queue behind it, as in "${dsn.scheme}:?queue_name=orders"`,
    );
  }
  const given = Object.keys(options).filter((key) => options[key] !== undefined);
  const superfluous = [...dsn.query.map(([key]) => key), ...given].find((key) =>
    OF_CONNECTIONS.has(toCamelCase(key)),
  );
  if (superfluous !== undefined) {
    throw new InvalidOptionError(
      `Transport "${transportName}"`,
      superfluous,
      'concerns connections of its own, but the transport uses what its option "connection" names. Leave one of them out',
    );
  }
}
