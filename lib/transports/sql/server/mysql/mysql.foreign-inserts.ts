import type { SqlConnection } from '../../transactions/sql-connection.js';

/** The most rows that go into a transaction of the application with one statement: five parameters each. */
const MAX_VALUES = 200;

/** The most bytes of them, of which a packet may need two each. */
const MAX_BYTES = 1024 * 1024;

/** The parts of a statement that stores messages. */
export interface InsertSql {
  readonly insert: string;
  /** With a placeholder for each value of a message. */
  readonly tuple: string;
}

type Values = ReadonlyArray<string | number | null>;

/**
 * Stores messages in a transaction of the application.
 *
 * Texts are sent as their bytes in UTF-8: neither the character set of the connection nor an SQL mode such as
 * NO_BACKSLASH_ESCAPES, of which the drivers know nothing, can spoil them then.
 *
 * @returns the ids, in the order of the messages.
 */
export async function insertInto(
  transaction: SqlConnection,
  { insert, tuple }: InsertSql,
  messages: readonly Values[],
): Promise<readonly number[]> {
  const ids: number[] = [];
  const rows = messages.map((values) => values.map(bytesOf));
  const step = rows.length > 1 ? await numberOf(transaction, '@@auto_increment_increment') : 1;
  for (const group of groupsOf(rows)) {
    const { insertId } = await transaction.query(insert + group.map(() => tuple).join(', '), group.flat());
    const first = insertId === undefined ? await numberOf(transaction, 'LAST_INSERT_ID()') : Number(insertId);
    ids.push(...group.map((_, index) => first + index * step));
  }
  return ids;
}

type Parameters = ReadonlyArray<Buffer | number | null>;

function groupsOf(rows: readonly Parameters[]): ReadonlyArray<readonly Parameters[]> {
  const groups: Parameters[][] = [];
  let left = 0;
  for (const row of rows) {
    const size = row.reduce<number>(
      (sum, value) => sum + (value === null || typeof value === 'number' ? 8 : value.length),
      0,
    );
    const last = groups.at(-1);
    if (last === undefined || last.length === MAX_VALUES || size > left) {
      groups.push([row]);
      left = MAX_BYTES - size;
    } else {
      last.push(row);
      left -= size;
    }
  }
  return groups;
}

function bytesOf(value: string | number | null): Buffer | number | null {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

async function numberOf(transaction: SqlConnection, expression: string): Promise<number> {
  const { rows } = await transaction.query(`SELECT ${expression} AS number`, []);
  return Number(rows[0]?.['number']);
}
