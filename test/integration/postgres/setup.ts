import { onTestFinished } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import type { ConnectionReference } from '../../../lib/transport/transport-factory.js';
import { PostgresTransportFactory } from '../../../lib/transports/sql/server/postgres/postgres.transport-factory.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { RecordingLogger } from '../../fixtures/core.js';
import { Note, serializerFor } from '../redis/setup.js';
import { dropTable, openPool, postgresDsn, uniqueName } from './support/shared-postgres.js';

export { Note };

export interface ApplicationSetup {
  /** @default one that no other test has, removed after the test */
  readonly table?: string;
  /** @default the server that tests share */
  readonly dsnOf?: (query: Readonly<Record<string, string>>) => string;
  /** What the transports are given to connect with. */
  readonly connection?: object;
}

export interface Application {
  readonly table: string;
  /** What the transports said. */
  readonly logger: RecordingLogger;
  /** The name by which this process is known to the server, for `pg_stat_activity`. */
  readonly name: string;
  /** A transport on a queue of the table, closed after the test. */
  readonly open: (options?: Readonly<Record<string, unknown>>, transportName?: string) => SqlTransport;
}

/** What one process of an application has: a factory, and its transports on one table. */
export function application({ table, dsnOf = postgresDsn, connection }: ApplicationSetup = {}): Application {
  const ownTable = table ?? temporaryTable();
  const logger = new RecordingLogger();
  const factory = new PostgresTransportFactory({ env: {} });
  const name = uniqueName('app');
  return {
    table: ownTable,
    logger,
    name,
    open(options = {}, transportName = 'async') {
      const query = {
        table_name: ownTable,
        ...(connection === undefined && { application_name: name }),
      };
      const reference: ConnectionReference | undefined = connection && {
        given: connection,
        instance: connection,
      };
      const dsn =
        connection === undefined ? dsnOf(query) : `postgres:?${new URLSearchParams(query).toString()}`;
      const transport = factory.create(new Dsn(dsn, transportName), options, {
        transportName,
        serializer: serializerFor(Note),
        logger,
        ...(reference !== undefined && { connection: reference }),
      });
      onTestFinished(() => transport.close());
      return transport;
    },
  };
}

/** The name of a table on the shared server that is removed after the test. */
export function temporaryTable(): string {
  const table = uniqueName('table');
  onTestFinished(async () => {
    const pool = openPool();
    await dropTable(pool, table).catch(() => undefined);
    await pool.end();
  });
  return table;
}

export function note(text: string, ...stamps: readonly Stamp[]): Envelope {
  return new Envelope<object>(new Note(text), stamps);
}

export function textsOf(envelopes: readonly Envelope[]): readonly string[] {
  return envelopes.map(({ message }) => (message as Note).text);
}

export function idOf(envelope: Envelope | undefined): string {
  return envelope?.last(TransportMessageIdStamp)?.id ?? '';
}

/** What it rejects with. */
export async function errorFrom(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  return promise.then(
    () => new Error('It resolves.'),
    (error: unknown) => error as Error,
  );
}
