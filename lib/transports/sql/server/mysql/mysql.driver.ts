import { MissingDriverError } from '../../../../errors/missing-driver.error.js';
import type { SqlRow } from '../../transactions/sql-connection.js';

/** What the server says of a statement without rows, as mysql2 hands it out. */
export interface MysqlHeader {
  readonly affectedRows: number;
  /** 0 if no id was made; a string if it is too large for a number. */
  readonly insertId: number | string;
}

/** What mysql2 hands out for one statement. */
export type MysqlAnswer = readonly SqlRow[] | MysqlHeader;

/** The part of a mysql2 connection, the one with callbacks, that the transport uses. */
export interface MysqlConnection {
  /** @param done gets an answer for each statement if there are several, or else the one answer. */
  query(sql: string, done: (error: Error | null, answer: MysqlAnswer | readonly MysqlAnswer[]) => void): void;
  /** Says goodbye to the server. */
  end(done: (error?: Error | null) => void): void;
  /** Closes the connection at once, as far as the system goes along. */
  destroy(): void;
  /** The socket. */
  readonly stream?: { destroy(): void };
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'connect', listener: () => void): unknown;
}

/** What mysql2 exports, as far as it is used. */
export interface MysqlDriver {
  createConnection(config: Readonly<Record<string, unknown>>): MysqlConnection;
  /** Puts values in the place of each `?`, escaped as it is done where a backslash escapes in texts. */
  readonly format: (sql: string, values: readonly unknown[]) => string;
}

/**
 * Loads mysql2, an optional peer.
 *
 * @param transportName named in the error.
 * @throws MissingDriverError when it is not installed.
 */
export function loadMysqlDriver(transportName: string): MysqlDriver {
  try {
    return require('mysql2') as MysqlDriver;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') {
      throw new MissingDriverError(transportName, ['mysql2'], { cause: error });
    }
    throw error;
  }
}
