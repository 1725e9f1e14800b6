/** A table as `table_name` has it, `database.table` or `table`. */
export interface MysqlTableName {
  /** Nothing if it is the one of the connection. */
  readonly database: string | undefined;
  readonly table: string;
}

export function parseTableName(name: string): MysqlTableName {
  const dot = name.indexOf('.');
  return { database: dot === -1 ? undefined : name.slice(0, dot), table: name.slice(dot + 1) };
}

/** The name of another table of the same database. */
export function siblingOf(name: string, table: string): string {
  const { database } = parseTableName(name);
  return database === undefined ? table : `${database}.${table}`;
}

/** As statements write it, whatever the SQL mode. */
export function quoteIdentifier(name: string): string {
  return name
    .split('.')
    .map((part) => `\`${part.replaceAll('`', '``')}\``)
    .join('.');
}
