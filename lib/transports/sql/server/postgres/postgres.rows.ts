import type { MessageCounts } from '../../../../transport/capabilities.js';
import type { MessageRow, RowClaim, RowPlace } from '../../sql.rows.js';
import type { SqlConnection, SqlRow } from '../../transactions/sql-connection.js';
import type {
  ClaimRequest,
  GivenSignal,
  NewRow,
  RowReplacement,
  ServerLook,
  ServerRows,
} from '../server.dialect.js';
import type { ServerSession } from '../server.pool.js';
import { readBody, storeBody } from './postgres.body.js';
import { PostgresSession } from './postgres.link.js';
import { postgresSqlOn } from './postgres.statements.js';

/** The most rows that go into a transaction of the application with one statement: five parameters each. */
const MAX_VALUES = 200;

/** The rows of one table in PostgreSQL. */
export class PostgresRows implements ServerRows {
  readonly #sql: ReturnType<typeof postgresSqlOn>;
  /**
   * The queues of which a claim has taken all it could. A plan that was kept from when the table was empty would read all of it, so
   * from these each claim is planned anew; from others it comes sooner by the time for that.
   */
  readonly #backlogged = new Set<string>();

  constructor(table: string) {
    this.#sql = postgresSqlOn(table);
  }

  async insert(session: ServerSession, rows: readonly NewRow[]): Promise<readonly number[]> {
    const [only] = rows;
    // One that is part of a transaction knows no shorter way.
    if (only !== undefined && rows.length === 1 && session instanceof PostgresSession) {
      return [await session.idOf(this.#sql.insertOne, valuesOf(only))];
    }
    const stored = await session.again(this.#sql.insertMany, columnsOf(rows.map(valuesOf), 5));
    return stored.rows.map(idOf);
  }

  async insertInto(transaction: SqlConnection, rows: readonly NewRow[]): Promise<readonly number[]> {
    const ids: number[] = [];
    for (let start = 0; start < rows.length; start += MAX_VALUES) {
      const some = rows.slice(start, start + MAX_VALUES);
      const stored = await transaction.query(this.#sql.insertValues(some.length), some.flatMap(valuesOf));
      ids.push(...stored.rows.map(idOf));
    }
    return ids;
  }

  async claim(session: ServerSession, request: ClaimRequest): Promise<readonly MessageRow[]> {
    const { owner, lease, queue, limit } = request;
    const params = [owner, lease, queue, limit];
    const claimed = this.#backlogged.has(queue)
      ? await session.query(this.#sql.claim, params)
      : await session.again(this.#sql.claim, params);
    if (claimed.rows.length < limit) {
      this.#backlogged.delete(queue);
    } else {
      this.#backlogged.add(queue);
    }
    return messagesOf(claimed);
  }

  async claimOne(
    session: ServerSession,
    id: number,
    { owner, lease, queue }: ClaimRequest,
  ): Promise<readonly MessageRow[]> {
    return messagesOf(await session.query(this.#sql.claimOne, [owner, lease, queue, id]));
  }

  claimExclusive(session: ServerSession, request: ClaimRequest): Promise<readonly MessageRow[]> {
    const { owner, lease, queue, limit } = request;
    return session.transaction(async (transaction) => {
      await transaction.query(this.#sql.readCommitted, []);
      // A statement of its own: the next one sees what the claim before has done.
      await transaction.query(this.#sql.takeTurn, [queue]);
      return messagesOf(await transaction.query(this.#sql.claimExclusive, [owner, lease, queue, limit]));
    });
  }

  async outlookExclusive(session: ServerSession, queue: string): Promise<number | undefined> {
    return dueInOf(await session.query(this.#sql.outlookExclusive, [queue]));
  }

  async outlook(session: ServerSession, queue: string): Promise<number | undefined> {
    return dueInOf(await session.query(this.#sql.outlook, [queue]));
  }

  async look(session: ServerSession, queues: readonly string[]): Promise<ServerLook> {
    const { rows } = await session.query(this.#sql.look, [queues]);
    const signals = rows.filter((row) => row['queue'] === null);
    const due = rows.filter((row) => row['queue'] !== null && row['value'] !== null);
    return {
      outlooks: new Map(due.map((row) => [String(row['queue']), Number(row['value'])])),
      signals: signals.map((row) => [String(row['signal']), Number(row['value'])]),
    };
  }

  async remove(session: ServerSession, claims: readonly RowClaim[]): Promise<readonly RowClaim[]> {
    return claimsOf(await session.query(this.#sql.remove, pairsOf(claims)));
  }

  async release(
    session: ServerSession,
    claims: readonly RowClaim[],
    delay: number,
  ): Promise<readonly RowClaim[]> {
    return claimsOf(await session.query(this.#sql.release, [...pairsOf(claims), Math.ceil(delay)]));
  }

  async prolong(
    session: ServerSession,
    claims: readonly RowClaim[],
    lease: number,
  ): Promise<readonly RowClaim[]> {
    return claimsOf(await session.query(this.#sql.prolong, [...pairsOf(claims), lease]));
  }

  async replace(
    session: ServerSession,
    replacements: readonly RowReplacement[],
  ): Promise<readonly RowClaim[]> {
    const claims = replacements.map(({ claim }) => claim);
    const values = replacements.map(({ row }) => valuesOf(row));
    return claimsOf(await session.query(this.#sql.replace, [...pairsOf(claims), ...columnsOf(values, 5)]));
  }

  async counts(session: ServerSession, queue: string): Promise<Required<MessageCounts>> {
    const { rows } = await session.query(this.#sql.count, [queue]);
    const [counts = {}] = rows;
    return {
      ready: Number(counts['ready']),
      inFlight: Number(counts['leased']),
      delayed: Number(counts['delayed']),
      // NULL if none is ready. The clock may have been set back since it was stored.
      oldestAge: Math.max(0, Number(counts['age'] ?? 0)),
    };
  }

  async page(
    session: ServerSession,
    queue: string,
    { available_at, id }: RowPlace,
    size: number,
  ): Promise<readonly MessageRow[]> {
    return messagesOf(await session.query(this.#sql.page, [queue, available_at, id, size]));
  }

  async find(session: ServerSession, queue: string, id: number): Promise<MessageRow | undefined> {
    return messagesOf(await session.query(this.#sql.find, [queue, id])).at(0);
  }

  async writeSignal(session: ServerSession, name: string): Promise<void> {
    await session.query(this.#sql.writeSignal, [name]);
  }

  async readSignals(session: ServerSession): Promise<readonly GivenSignal[]> {
    const { rows } = await session.query(this.#sql.readSignals, []);
    return rows.map((row) => [String(row['name']), Number(row['given_at'])]);
  }
}

/** Queue, body, body kind, headers, delay. */
function valuesOf({ queue, body, headers, delay }: NewRow): ReadonlyArray<string | number | null> {
  const stored = storeBody(body);
  return [queue, stored.body, stored.kind, headers, delay === null ? null : Math.ceil(delay)];
}

/** A list for each of `count` columns. */
function columnsOf<T>(rows: ReadonlyArray<readonly T[]>, count: number): ReadonlyArray<readonly T[]> {
  return Array.from({ length: count }, (_, column) => rows.map((row) => row[column] as T));
}

function pairsOf(claims: readonly RowClaim[]) {
  return [claims.map(({ rowId }) => rowId), claims.map(({ owner }) => owner)] as const;
}

function idOf(row: SqlRow): number {
  return Number(row['id']);
}

function dueInOf({ rows }: { readonly rows: readonly SqlRow[] }): number | undefined {
  const dueIn = rows[0]?.['due_in'] ?? undefined;
  return dueIn === undefined ? undefined : Number(dueIn);
}

function claimsOf({ rows }: { readonly rows: readonly SqlRow[] }): readonly RowClaim[] {
  return rows.map((row) => ({ rowId: idOf(row), owner: String(row['owner']) }));
}

function messagesOf({ rows }: { readonly rows: readonly SqlRow[] }): readonly MessageRow[] {
  return rows.map((row) => ({
    id: idOf(row),
    body: readBody(row['body'], row['body_kind']),
    headers: String(row['headers']),
    available_at: Number(row['available_at']),
    delivery_count: Number(row['delivery_count']),
  }));
}
