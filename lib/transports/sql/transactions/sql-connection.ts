/** The databases whose SQL differs. */
export type SqlDialectName = 'postgres' | 'mysql' | 'sqlite';

/** What a statement answers with. */
export interface SqlResult {
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>;
  /** How many rows it has changed. */
  readonly affected: number;
}

/** Sends statements on one connection. Placeholders are `$1`… for postgres, `?` for mysql and sqlite. */
export interface SqlConnection {
  query(sql: string, params: readonly unknown[]): Promise<SqlResult>;
}
