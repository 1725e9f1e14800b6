/** The families of SQL the package speaks. MariaDB is `mysql`. */
export type SqlDialectName = 'postgres' | 'mysql' | 'sqlite';

/** A row, by the names of its columns. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** What the database answered to a statement. */
export interface SqlResult {
  /** The rows it answers: of a query, or of `RETURNING`. */
  readonly rows: readonly SqlRow[];
  /**
   * How many rows it inserted, updated or deleted; of a statement that answers rows, how many it answers. MySQL counts an
   * update that changes nothing or does not, as the connection was made.
   */
  readonly affected: number;
  /**
   * MySQL and MariaDB: the `AUTO_INCREMENT` id of the first row that an `INSERT … VALUES` without `RETURNING` made. The rows
   * after it have the ids that follow, `@@auto_increment_increment` apart. Absent where no such id was made.
   */
  readonly insertId?: bigint;
}

/**
 * Sends statements on one connection, in the transaction that is open there.
 *
 * Placeholders are `$1`… for PostgreSQL, and `?` for MySQL, MariaDB and SQLite. To work with every library that has such a
 * connection, a statement keeps to this:
 *
 * - Parameters are strings, numbers, bigints within 64 bits, `null`, and bytes (`Buffer` or `Uint8Array`). Neither booleans
 *   nor dates: SQLite's drivers refuse them.
 * - PostgreSQL alone takes arrays too, of strings or of numbers, each element of which may be `null`, with a cast that names
 *   their type: `unnest($1::text[], $2::bigint[])`. postgres.js takes neither an array of bigints nor one of bytes.
 * - JSON is bound as text and cast twice on PostgreSQL, `$1::text::jsonb`: postgres.js encodes it a second time otherwise.
 * - Columns that are read back are named in one lower-case word (`RETURNING id`): many an application has its library rename
 *   `message_id` to `messageId`. Whole numbers come back as numbers, bigints or strings, bytes as `Buffer`, `Uint8Array` or
 *   `ArrayBuffer`.
 * - One statement at a time, without `?` and `$1` in its literals.
 */
export interface SqlConnection {
  /**
   * @throws UnusableTransactionError when the transaction has ended, as far as its library tells; otherwise what the library
   * throws, which may wrap the error of the database.
   */
  query(sql: string, params: readonly unknown[]): Promise<SqlResult>;
}

/** A connection of the application's own making, for a library that the package does not know. */
export class OwnSqlConnection implements SqlConnection {
  readonly query: SqlConnection['query'];

  constructor(query: SqlConnection['query']) {
    this.query = query;
  }
}

/**
 * Makes a transaction of a library that the package does not know usable: `query` sends a statement in it.
 *
 * @example
 * sqlConnection(async (sql, params) => {
 *   const { rows, rowCount } = await myTransaction.run(sql, params);
 *   return { rows, affected: rowCount };
 * });
 */
export function sqlConnection(query: SqlConnection['query']): SqlConnection {
  return new OwnSqlConnection(query);
}
