import { MissingDriverError } from '../../../../errors/missing-driver.error.js';

/** What PostgreSQL answered, as `pg` hands it out. */
export interface PgResult {
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>;
  readonly rowCount: number | null;
  /** What was done, such as `INSERT`. */
  readonly command?: string;
}

/** A statement that the connection keeps under its name, once it was sent. */
export interface PgNamedStatement {
  readonly name: string;
  readonly text: string;
}

/** The part of a client's connection that a {@link PgQuery} uses. */
export interface PgConnection {
  readonly stream: { cork(): void; uncork(): void };
  /** The texts of the statements that it has prepared, by their names. */
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  parse(statement: { readonly name: string; readonly text: string; readonly types: readonly number[] }): void;
  bind(binding: {
    readonly portal: string;
    readonly statement: string;
    readonly values: ReadonlyArray<string | null>;
  }): void;
  execute(execution: { readonly portal: string; readonly rows: number }): void;
  sync(): void;
}

/** A query that says itself what is sent, and hears of each part of the answer. */
export interface PgQuery {
  submit(connection: PgConnection): Error | null;
}

/** The part of a `pg` client that the transport uses. */
export interface PgClient {
  query(query: PgQuery): void;
  query(text: string | PgNamedStatement, values?: readonly unknown[]): Promise<PgResult>;
  /** Not there in clients that are not written in JavaScript. */
  readonly connection?: PgConnection;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'notification', listener: (notification: PgNotification) => void): unknown;
  removeListener(event: string, listener: (...args: never[]) => void): unknown;
}

/** What a connection hears that listens. */
export interface PgNotification {
  readonly channel: string;
  readonly payload?: string | undefined;
}

/** A client that was made by itself. */
export interface PgOwnClient extends PgClient {
  connect(): Promise<unknown>;
  end(): Promise<void>;
}

/** A client of a pool. */
export interface PgPooledClient extends PgClient {
  /** @param destroy closes the connection instead of keeping it for others. */
  release(destroy?: boolean): void;
}

/** The part of a `pg` pool that the transport uses. */
export interface PgPool {
  connect(): Promise<PgPooledClient>;
  /** Whether it is being closed. It then waits for the clients that are lent. */
  readonly ending?: boolean;
  on?(event: 'error' | 'remove', listener: () => void): unknown;
  removeListener?(event: 'error' | 'remove', listener: () => void): unknown;
  end(): Promise<void>;
}

/** What `pg` exports, as far as it is used. */
export interface PgDriver {
  readonly Pool: new (config: Readonly<Record<string, unknown>>) => PgPool;
  readonly Client: new (config: Readonly<Record<string, unknown>>) => PgOwnClient;
}

/**
 * Loads pg, an optional peer.
 *
 * @param transportName named in the error.
 * @throws MissingDriverError when it is not installed.
 */
export function loadPgDriver(transportName: string): PgDriver {
  try {
    return require('pg') as PgDriver;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') {
      throw new MissingDriverError(transportName, ['pg'], { cause: error });
    }
    throw error;
  }
}
