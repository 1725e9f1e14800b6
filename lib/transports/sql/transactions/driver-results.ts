import type { SqlResult, SqlRow } from './sql-connection.js';

/** What node-postgres answers, and whatever is built upon it. */
export interface PgResult {
  readonly rows: readonly SqlRow[];
  /** `null` for statements that have no such number. */
  readonly rowCount: number | null;
}

/** What mysql2 answers to a statement without rows. */
export interface MysqlHeader {
  readonly affectedRows: number;
  /** A string where it is too large for a number; 0 if no id was made. */
  readonly insertId: number | string | bigint;
}

export function resultOfRows(rows: readonly SqlRow[]): SqlResult {
  return { rows, affected: rows.length };
}

export function resultOfChange(affected: number | bigint): SqlResult {
  return { rows: [], affected: Number(affected) };
}

export function resultOfPg({ rows, rowCount }: PgResult): SqlResult {
  return { rows, affected: rowCount ?? 0 };
}

export function resultOfMysql(answer: readonly SqlRow[] | MysqlHeader): SqlResult {
  return isRows(answer) ? resultOfRows(answer) : withInsertId(answer.affectedRows, answer.insertId);
}

/** @param insertId as a library hands it out: absent or 0 if no id was made. */
export function withInsertId(
  affected: number | bigint,
  insertId: number | string | bigint | null | undefined,
): SqlResult {
  const id = BigInt(insertId ?? 0);
  return id === 0n ? resultOfChange(affected) : { ...resultOfChange(affected), insertId: id };
}

function isRows(answer: readonly SqlRow[] | MysqlHeader): answer is readonly SqlRow[] {
  return Array.isArray(answer);
}
