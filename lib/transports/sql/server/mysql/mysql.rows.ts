import type { MessageCounts } from '../../../../transport/capabilities.js';
import { MAX_CLAIM_BYTES, type MessageRow, type RowClaim, type RowPlace } from '../../sql.rows.js';
import type { SqlConnection, SqlResult, SqlRow } from '../../transactions/sql-connection.js';
import type {
  ClaimRequest,
  GivenSignal,
  NewRow,
  RowReplacement,
  ServerLook,
  ServerRows,
} from '../server.dialect.js';
import { readBody, storeBody } from './mysql.body.js';
import { ClaimStarts } from './mysql.claim-starts.js';
import type { MysqlDriver } from './mysql.driver.js';
import { insertInto } from './mysql.foreign-inserts.js';
import { storedOwner } from './mysql.owner.js';
import { listStatements } from './mysql.packets.js';
import type { MysqlSession, MysqlTransaction } from './mysql.session.js';
import { mysqlSqlOn } from './mysql.statements.js';
import { inTurn } from './mysql.turn.js';

/** How long another may take to claim from an outbox, in seconds; then the next look tries again. */
const TURN_PATIENCE = 5;

/** The rows of one table in MySQL or MariaDB. */
export class MysqlRows implements ServerRows {
  readonly #sql: ReturnType<typeof mysqlSqlOn>;
  readonly #format: MysqlDriver['format'];
  readonly #starts: ClaimStarts;
  readonly #table: string;

  /** @param starts where claims begin. */
  constructor(table: string, { format }: Pick<MysqlDriver, 'format'>, starts = new ClaimStarts()) {
    this.#starts = starts;
    this.#table = table;
    this.#sql = mysqlSqlOn(table);
    this.#format = format;
  }

  async insert(session: MysqlSession, rows: readonly NewRow[]): Promise<readonly number[]> {
    const { isMariaDb, idStep, maxPacket } = session.server;
    const tuples = rows.map((row) => this.#format(this.#sql.tuple, valuesOf(row)));
    const tail = isMariaDb ? ' RETURNING id' : '';
    const stored = await session.sendAtOnce(listStatements(this.#sql.insert, tuples, tail, maxPacket));
    if (isMariaDb) {
      return stored.flatMap((result) => result.rows.map(idOf));
    }
    // Ids of one statement whose rows are counted beforehand are consecutive in each of InnoDB's lock modes.
    return stored.flatMap(({ affected, insertId }) =>
      Array.from({ length: affected }, (_, index) => Number(insertId) + index * idStep),
    );
  }

  insertInto(transaction: SqlConnection, rows: readonly NewRow[]): Promise<readonly number[]> {
    return insertInto(transaction, this.#sql, rows.map(valuesOf));
  }

  claim(session: MysqlSession, request: ClaimRequest): Promise<readonly MessageRow[]> {
    return session.together(async (transaction) =>
      this.#handOut(transaction, await this.#lockDue(transaction, request), request),
    );
  }

  claimOne(session: MysqlSession, id: number, request: ClaimRequest): Promise<readonly MessageRow[]> {
    return session.together(async (transaction) => {
      const { rows } = await transaction.query(this.#sql.lockOne, [request.queue, id]);
      return this.#handOut(transaction, rows, request);
    });
  }

  async claimExclusive(session: MysqlSession, request: ClaimRequest): Promise<readonly MessageRow[]> {
    const { queue, limit } = request;
    const turn = {
      take: this.#format(this.#sql.takeTurn, [this.#table, queue, TURN_PATIENCE]),
      end: this.#format(this.#sql.endTurn, [this.#table, queue]),
    };
    // Its idle time is limited by the turn, which lasts longer.
    const claimed = await inTurn(session, turn, () =>
      session.together(async (transaction) => {
        const locked = await transaction.query(this.#sql.lockFirst, [queue, queue, limit]);
        return this.#handOut(transaction, locked.rows, request, this.#sql.handOutExclusive);
      }, Number.POSITIVE_INFINITY),
    );
    return claimed?.result ?? [];
  }

  async outlookExclusive(session: MysqlSession, queue: string): Promise<number | undefined> {
    const { rows } = await session.query(this.#sql.outlookExclusive, [queue, queue]);
    return rows[0] === undefined ? undefined : Number(rows[0]['due_in']);
  }

  async outlook(session: MysqlSession, queue: string): Promise<number | undefined> {
    const { rows } = await session.query(this.#sql.outlook, [queue, queue]);
    return dueInOf(rows[0] ?? {});
  }

  /** The outlooks of several queues, by their names, and the signals, in one statement. */
  async look(session: MysqlSession, queues: readonly string[]): Promise<ServerLook> {
    const outlooks = queues.map((queue, place) => this.#format(this.#sql.outlookAt, [place, queue, queue]));
    const { rows } = await session.query([...outlooks, this.#sql.signalsAt].join(' UNION ALL '), []);
    const found = new Map<string, number>();
    const signals: GivenSignal[] = [];
    for (const row of rows) {
      if (row['place'] === null) {
        signals.push([String(row['name']), Number(row['at'])]);
        continue;
      }
      const dueIn = dueInOf(row);
      if (dueIn !== undefined) {
        found.set(queues[Number(row['place'])] as string, dueIn);
      }
    }
    return { outlooks: found, signals };
  }

  async remove(session: MysqlSession, claims: readonly RowClaim[]): Promise<readonly RowClaim[]> {
    if (session.server.isMariaDb) {
      const remove = `${this.#sql.remove}${this.#conditionOf(claims)} RETURNING id, owner`;
      return heldOf(claims, (await session.send([remove])).at(0));
    }
    return this.#lockAnd(session, this.#sql.remove, claims);
  }

  release(session: MysqlSession, claims: readonly RowClaim[], delay: number): Promise<readonly RowClaim[]> {
    this.#starts.forgetAll();
    const duration = Math.ceil(delay);
    const release = this.#format(this.#sql.release, [duration, duration]);
    return this.#lockAnd(session, release, claims);
  }

  prolong(session: MysqlSession, claims: readonly RowClaim[], lease: number): Promise<readonly RowClaim[]> {
    return this.#lockAnd(session, this.#format(this.#sql.prolong, [lease]), claims);
  }

  async replace(
    session: MysqlSession,
    replacements: readonly RowReplacement[],
  ): Promise<readonly RowClaim[]> {
    const { replace, replaceOfSeveral, holdTime } = this.#sql;
    const isOne = replacements.length === 1;
    const statements = replacements.map(({ claim, row }) =>
      this.#format(isOne ? replace : replaceOfSeveral, [
        ...valuesOf(row),
        claim.rowId,
        storedOwner(claim.owner),
      ]),
    );
    const results = isOne
      ? await session.sendAtOnce(statements)
      : (await session.sendAtOnce([holdTime, ...statements])).slice(1);
    return replacements.filter((_, index) => results[index]?.affected === 1).map(({ claim }) => claim);
  }

  async counts(session: MysqlSession, queue: string): Promise<Required<MessageCounts>> {
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
    session: MysqlSession,
    queue: string,
    { available_at, id }: RowPlace,
    size: number,
  ): Promise<readonly MessageRow[]> {
    return messagesOf(await session.query(this.#sql.page, [queue, available_at, available_at, id, size]));
  }

  async find(session: MysqlSession, queue: string, id: number): Promise<MessageRow | undefined> {
    return messagesOf(await session.query(this.#sql.find, [queue, id])).at(0);
  }

  async writeSignal(session: MysqlSession, name: string): Promise<void> {
    await session.query(this.#sql.writeSignal, [name]);
  }

  async readSignals(session: MysqlSession): Promise<readonly GivenSignal[]> {
    return signalsOf(await session.query(this.#sql.readSignals, []));
  }

  async #lockDue(
    transaction: MysqlTransaction,
    { queue, limit }: Pick<ClaimRequest, 'queue' | 'limit'>,
  ): Promise<readonly SqlRow[]> {
    const from = this.#starts.of(queue);
    const { rows } = await transaction.query(this.#sql.lockDue, [queue, from, limit]);
    if (rows.length === limit) {
      // As far as it can be taken: bodies may be too large for all of it.
      const taken = idsWithin(MAX_CLAIM_BYTES, rows).length;
      this.#starts.note(queue, Number(rows[taken - 1]?.['available_at']));
      return rows;
    }
    this.#starts.forget(queue);
    return from > 0 && rows.length === 0 ? this.#lockDue(transaction, { queue, limit }) : rows;
  }

  /** Bodies are read only once it is known how large they are, and in the packet that also hands them out. */
  async #handOut(
    transaction: MysqlTransaction,
    locked: readonly SqlRow[],
    { owner, lease }: ClaimRequest,
    handOut = this.#sql.handOut,
  ): Promise<readonly MessageRow[]> {
    const ids = idsWithin(MAX_CLAIM_BYTES, locked);
    if (ids.length === 0) {
      return [];
    }
    const [, messages] = await transaction.commitWith([
      this.#format(handOut, [storedOwner(owner), lease, ids]),
      this.#format(this.#sql.read, [ids]),
    ]);
    return messagesOf(messages);
  }

  /** Changes rows and says which. They are locked first, so that nobody comes between the two. */
  async #lockAnd(
    session: MysqlSession,
    change: string,
    claims: readonly RowClaim[],
  ): Promise<readonly RowClaim[]> {
    const condition = this.#conditionOf(claims);
    const lock = `${this.#sql.held}${condition} FOR UPDATE`;
    const [held] = await session.sendAtOnce([lock, change + condition]);
    return heldOf(claims, held);
  }

  /** Finds rows by their ids only, which are few; those of another owner are passed over. */
  #conditionOf(claims: readonly RowClaim[]): string {
    const idsOf = new Map<string, number[]>();
    for (const { rowId, owner } of claims) {
      const ids = idsOf.get(owner);
      if (ids === undefined) {
        idsOf.set(owner, [rowId]);
      } else {
        ids.push(rowId);
      }
    }
    return [...idsOf]
      .map(([owner, ids]) => this.#format('(id IN (?) AND owner = ?)', [ids, storedOwner(owner)]))
      .join(' OR ');
  }
}

/** Queue, body, body kind, headers, delay. */
function valuesOf({ queue, body, headers, delay }: NewRow): ReadonlyArray<string | number | null> {
  const stored = storeBody(body);
  return [queue, stored.body, stored.kind, headers, delay === null ? null : Math.ceil(delay)];
}

/** The ids of the first rows, up to the one whose body makes them weigh so much. */
function idsWithin(limit: number, rows: readonly SqlRow[]): readonly number[] {
  const ids: number[] = [];
  let weight = 0;
  for (const row of rows) {
    if (weight >= limit) {
      break;
    }
    ids.push(idOf(row));
    weight += Number(row['size']);
  }
  return ids;
}

/** @param row of an outlook. */
function dueInOf(row: SqlRow): number | undefined {
  const times = [row['first'], row['freed']].filter((time) => (time ?? null) !== null).map(Number);
  return times.length === 0 ? undefined : Math.min(...times) - Number(row['at']);
}

function idOf(row: SqlRow): number {
  return Number(row['id']);
}

/** Those of `claims` whose rows and stored owners are in a result. */
function heldOf(claims: readonly RowClaim[], result: SqlResult | undefined): readonly RowClaim[] {
  const held = new Set((result?.rows ?? []).map((row) => `${idOf(row)} ${String(row['owner'])}`));
  return claims.filter(({ rowId, owner }) => held.has(`${rowId} ${storedOwner(owner)}`));
}

function signalsOf({ rows }: SqlResult): readonly GivenSignal[] {
  return rows.map((row) => [String(row['name']), Number(row['given_at'])]);
}

function messagesOf(result: SqlResult | undefined): readonly MessageRow[] {
  return (result?.rows ?? []).map((row) => ({
    id: idOf(row),
    body: readBody(row['body'], row['body_kind']),
    headers: String(row['headers']),
    available_at: Number(row['available_at']),
    delivery_count: Number(row['delivery_count']),
  }));
}
