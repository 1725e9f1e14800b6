import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type Clock, systemClock } from '../../../envelope/clock.js';
import type { Dsn } from '../../../transport/dsn.js';
import type { TransportContext, TransportFactory } from '../../../transport/transport-factory.js';
import { SqliteConnection } from './sqlite.connection.js';
import { resolveSqliteOptions } from './sqlite.options.js';
import { SqliteTransport } from './sqlite.transport.js';

/** What a test may put in the place of the machine. */
export interface SqliteTransportFactorySetup {
  /** The time of leases and delays. Several processes on one file must agree on it. @default the machine's */
  readonly clock?: Clock;
  /** Names this process in the claims it makes; no other process on the file may have it. @default `host:pid:random` */
  readonly consumer?: string;
}

/** Makes transports for `sqlite:` DSNs. Those on one file share a connection. */
export class SqliteTransportFactory implements TransportFactory {
  readonly schemes: readonly string[] = ['sqlite'];
  readonly #clock: Clock;
  readonly #consumer: string;
  readonly #connections = new Map<string, SqliteConnection>();

  constructor({ clock = systemClock, consumer = newConsumer() }: SqliteTransportFactorySetup = {}) {
    this.#clock = clock;
    this.#consumer = consumer;
  }

  /**
   * @throws InvalidDsnError, UnknownOptionError, InvalidOptionError for what is wrong in the DSN or the options, and when
   * they contradict those of another transport on the same file.
   * @throws MissingDriverError when this Node.js has no SQLite and no driver is installed.
   */
  create(dsn: Dsn, options: Readonly<Record<string, unknown>>, context: TransportContext): SqliteTransport {
    const resolved = resolveSqliteOptions(context.transportName, dsn, options);
    const connection = this.#connections.get(resolved.file) ?? this.#newConnection(resolved.file);
    connection.join(context.transportName, resolved);
    this.#connections.set(resolved.file, connection);
    return new SqliteTransport(connection, resolved, context);
  }

  #newConnection(file: string): SqliteConnection {
    const onClosed = (): void => void this.#connections.delete(file);
    return new SqliteConnection({ file, clock: this.#clock, consumer: this.#consumer, onClosed });
  }
}

function newConsumer(): string {
  return `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`;
}
