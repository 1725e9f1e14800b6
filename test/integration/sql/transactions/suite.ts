import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnusableTransactionError } from '../../../../lib/errors/unusable-transaction.error.js';
import { adaptTransaction } from '../../../../lib/transports/sql/transactions/adapt-transaction.js';
import type {
  SqlConnection,
  SqlDialectName,
} from '../../../../lib/transports/sql/transactions/sql-connection.js';
import type { TestDatabase } from './databases.js';
import type { Begun, Library, OpenLibrary } from './library.js';

/** What the transport stores of a message, more or less: all types of parameters there are. */
type Values = readonly [
  body: string,
  headers: string,
  size: number | bigint,
  data: Uint8Array,
  note: string | null,
];

const HEADERS = '{"type": "note"}';

function valuesOf(body: string): Values {
  return [body, HEADERS, 1_764_380_000_123, Buffer.from(body), null];
}

/** `INSERT` of several rows, as the transport writes it, with its parameters. */
function insertion(
  { dialect, table }: TestDatabase,
  rows: readonly Values[],
): readonly [sql: string, params: readonly unknown[]] {
  const placeholders = rows.map((_, row) =>
    dialect === 'postgres'
      ? `($${row * 5 + 1}, $${row * 5 + 2}::text::jsonb, $${row * 5 + 3}, $${row * 5 + 4}, $${row * 5 + 5})`
      : '(?, ?, ?, ?, ?)',
  );
  return [
    `INSERT INTO ${table} (body, headers, size, data, note) VALUES ${placeholders.join(', ')}`,
    rows.flat(),
  ];
}

function placeholder(dialect: SqlDialectName): string {
  return dialect === 'postgres' ? '$1' : '?';
}

async function refusalOf(handle: object, dialect: SqlDialectName): Promise<unknown> {
  try {
    return await adaptTransaction(handle, dialect).query('SELECT 1 AS one', []);
  } catch (error) {
    return error;
  }
}

/** What is true of the transactions of each library. */
export function describeTransactions(
  dialect: SqlDialectName,
  libraries: readonly Library[],
  openDatabase: () => TestDatabase | Promise<TestDatabase>,
): void {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openDatabase();
  });

  afterAll(() => database.close());

  describe.each(libraries.map((library) => [library.name, library] as const))('with %s', (_, library) => {
    let opened: OpenLibrary;

    beforeAll(async () => {
      opened = await library.open();
    });

    afterAll(() => opened.close());

    /** Runs `work` in a transaction, which is rolled back if it throws, so that a failed test leaves no lock. */
    async function inTransaction(
      end: 'commit' | 'rollback',
      work: (connection: SqlConnection, begun: Begun) => Promise<void>,
    ): Promise<Begun> {
      const begun = await opened.begin();
      try {
        await work(adaptTransaction(begun.handle, dialect), begun);
      } catch (error) {
        await begun.rollback();
        throw error;
      }
      await begun[end]();
      return begun;
    }

    const bodies = async () => (await database.rows()).map(({ body }) => body);

    it('what is inserted is there once the transaction has committed, and not before', async () => {
      const body = `committed by ${library.name}`;

      await inTransaction('commit', async (connection) => {
        await connection.query(...insertion(database, [valuesOf(body)]));
        expect(await bodies()).not.toContain(body);
      });

      expect(await bodies()).toContain(body);
    });

    it('what is inserted is gone once the transaction was rolled back', async () => {
      const body = `rolled back by ${library.name}`;

      await inTransaction('rollback', async (connection) => {
        await connection.query(...insertion(database, [valuesOf(body)]));
      });

      expect(await bodies()).not.toContain(body);
    });

    it('the ids of inserted rows are known, in their order', async () => {
      await inTransaction('rollback', async (connection) => {
        const [sql, params] = insertion(database, ['a', 'b', 'c'].map(valuesOf));
        const ids = (rows: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
          rows.map(({ id }) => Number(id));

        const returned = ids((await connection.query(`${sql} RETURNING id`, params)).rows);
        const plain = await connection.query(sql, params);
        const select = `SELECT id, body FROM ${database.table} WHERE id > ${placeholder(dialect)} ORDER BY id`;
        const { rows } = await connection.query(select, [(returned[0] ?? 0) - 1]);

        expect(rows.map(({ body }) => body)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
        expect(ids(rows).slice(0, 3)).toEqual(returned);
        expect(plain.insertId).toBe(dialect === 'mysql' ? BigInt(ids(rows)[3] ?? 0) : undefined);
      });
    });

    it('the numbers of rows are right', async () => {
      await inTransaction('rollback', async (connection) => {
        const { table } = database;
        const [sql, params] = insertion(database, ['x', 'x', 'y'].map(valuesOf));
        const counts = async (statement: string, values: readonly unknown[]) => {
          const { rows, affected } = await connection.query(statement, values);
          return [rows.length, affected];
        };
        const where = `FROM ${table} WHERE body = ${placeholder(dialect)}`;

        expect(await counts(sql, params)).toEqual([0, 3]);
        expect(await counts(`${sql} RETURNING id`, params)).toEqual([3, 3]);
        expect(await counts(`SELECT id ${where}`, ['y'])).toEqual([2, 2]);
        expect(
          await counts(`UPDATE ${table} SET note = 'z' WHERE body = ${placeholder(dialect)}`, ['y']),
        ).toEqual([0, 2]);
        expect(await counts(`DELETE ${where}`, ['x'])).toEqual([0, 4]);
        expect(await counts(`DELETE ${where}`, ['x'])).toEqual([0, 0]);
        expect(await counts(`SELECT id ${where}`, ['x'])).toEqual([0, 0]);
      });
    });

    it('all portable values are stored as they are', async () => {
      const body = `it's "${library.name}" — 日本 🚀 \\ ? $1 :name % \n`;
      const data = new Uint8Array([0, 1, 39, 92, 128, 255]);
      const rows: readonly Values[] = [
        [body, HEADERS, 9_007_199_254_740_993n, data, null],
        [body, HEADERS, -1, data, ''],
      ];

      await inTransaction('commit', async (connection) => {
        await connection.query(...insertion(database, rows));
      });

      const stored = (await database.rows()).filter((row) => row.body === body);
      expect(stored.map(({ data: bytes, ...row }) => ({ ...row, data: [...new Uint8Array(bytes)] }))).toEqual(
        [
          { body, headers: HEADERS, size: '9007199254740993', data: [...data], note: null },
          { body, headers: HEADERS, size: '-1', data: [...data], note: '' },
        ],
      );
    });

    it.runIf(dialect === 'postgres')('arrays of strings and of numbers are taken', async () => {
      await inTransaction('rollback', async (connection) => {
        const sql = 'SELECT a, b FROM unnest($1::text[], $2::bigint[]) AS pairs (a, b)';
        const pairs = async (...params: ReadonlyArray<ReadonlyArray<string | number | null>>) =>
          (await connection.query(sql, params)).rows.map(({ a, b }) => [a, b === null ? b : Number(b)]);

        const texts = ['NULL', '', 'it\'s "a\\b", {c}', null];
        expect(await pairs(texts, [1, -1, 1_764_380_000_123, null])).toEqual([
          ['NULL', 1],
          ['', -1],
          ['it\'s "a\\b", {c}', 1_764_380_000_123],
          [null, null],
        ]);
        expect(await pairs([null, 'b'], [null, 2])).toEqual([
          [null, null],
          ['b', 2],
        ]);
        expect(await pairs([], [])).toEqual([]);
      });
    });

    it('a transaction of another kind of database is refused, where the library tells', async () => {
      const other = dialect === 'postgres' ? 'mysql' : 'postgres';

      await inTransaction('rollback', async (_connection, { handle }) => {
        const answer = await refusalOf(handle, other);

        expect(answer instanceof UnusableTransactionError).toBe(opened.hidesDialect !== true);
      });
    });

    it('a transaction that has ended is refused, and nothing is stored', async () => {
      const begun = await opened.begin();
      const connection = adaptTransaction(begun.handle, dialect);
      await begun.commit();

      const late = `too late for ${library.name}`;
      await expect(connection.query(...insertion(database, [valuesOf(late)]))).rejects.toThrow();
      expect(await refusalOf(begun.handle, dialect)).toBeInstanceOf(Error);
      expect(await bodies()).not.toContain(late);
    });

    it('what is no transaction is refused', async () => {
      for (const { given, handle } of opened.mistakes) {
        const refusal = await refusalOf(handle, dialect);

        expect(refusal).toBeInstanceOf(UnusableTransactionError);
        expect((refusal as UnusableTransactionError).given).toBe(given);
      }
    });
  });
}
