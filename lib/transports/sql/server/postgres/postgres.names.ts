/** A table as `table_name` has it, `schema.table` or `table`. */
export interface PostgresTableName {
  readonly schema: string | undefined;
  readonly table: string;
}

export function parseTableName(name: string): PostgresTableName {
  const dot = name.indexOf('.');
  return { schema: dot === -1 ? undefined : name.slice(0, dot), table: name.slice(dot + 1) };
}

/** The name of another table of the same schema. */
export function siblingOf(name: string, table: string): string {
  const { schema } = parseTableName(name);
  return schema === undefined ? table : `${schema}.${table}`;
}

/** As statements write it. */
export function quoteIdentifier(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
