/** The languages of the databases that transactions are opened on. */
export type SqlDialectName = 'postgres' | 'mysql' | 'sqlite';

/** What a statement came to. */
export interface SqlResult {
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>;
  /** How many rows it inserted, changed or deleted. */
  readonly affected: number;
}

/** Sends statements on one connection. Placeholders are `$1`, `$2` … for postgres, `?` for mysql and sqlite. */
export interface SqlConnection {
  query(sql: string, params: readonly unknown[]): Promise<SqlResult>;
}
