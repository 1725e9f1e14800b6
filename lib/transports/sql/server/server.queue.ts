import type { Replacement, SqlQueue } from '../sql.queue.js';
import { byPlace, type Claim, type EncodedRow, type MessageRow, type RowClaim } from '../sql.rows.js';
import type { SqlConnection } from '../transactions/sql-connection.js';
import type { NewRow } from './server.dialect.js';
import { ServerInserts } from './server.inserts.js';
import type { Outlook } from './server.looks.js';
import { ServerSettlements, type Settlement } from './server.settlements.js';
import type { ServerTable } from './server.table.js';

/** The most rows of one claim. */
const MAX_CLAIMED = 500;

/** One queue of a table on a server. */
export class ServerQueue implements SqlQueue {
  readonly leaseDuration: number;
  readonly address: string;
  readonly name: string;
  readonly #table: ServerTable;
  readonly #inserts: ServerInserts;
  readonly #settlements: ServerSettlements;
  readonly #isOutbox: boolean;

  /**
   * @param leaseDuration milliseconds.
   * @param isOutbox hand out rows in the order in which they were stored, and none while one of them is claimed.
   */
  constructor(table: ServerTable, name: string, leaseDuration: number, isOutbox = false) {
    this.#table = table;
    this.#isOutbox = isOutbox;
    this.name = name;
    this.address = `${table.name}/${name}`;
    this.leaseDuration = leaseDuration;
    this.#inserts = new ServerInserts(table, (rows) => this.#announce(soonestOf(rows)));
    this.#settlements = new ServerSettlements(table);
  }

  insert(rows: readonly EncodedRow[]): Promise<readonly number[]> {
    return this.#inserts.insert(rows.map((row) => this.#own(row)));
  }

  /**
   * Stores rows in a transaction of the application: they exist if, and only if, it commits, and consumers learn of them then.
   *
   * @throws what the connection throws.
   */
  async insertInto(transaction: SqlConnection, rows: readonly EncodedRow[]): Promise<readonly number[]> {
    const own = rows.map((row) => this.#own(row));
    await this.#table.open();
    const ids = await this.#table.rows.insertInto(transaction, own);
    await this.#table.tellIn(transaction, { queue: this.name, dueIn: soonestOf(own) });
    return ids;
  }

  /** Claims up to `max` rows that are due, {@link MAX_CLAIMED} at most. */
  async claim(max: number): Promise<Claim> {
    const request = this.#request(Math.min(max, MAX_CLAIMED));
    const rows = await this.#table.run((session, table) =>
      this.#isOutbox ? table.claimExclusive(session, request) : table.claim(session, request),
    );
    if (rows.length > 0) {
      this.#table.shared.looks.forget(this.name);
    }
    return { owner: request.owner, rows: this.#isOutbox ? inOrderOfIds(rows) : inOrder(rows) };
  }

  async claimOne(id: number): Promise<Claim> {
    const request = this.#request(1);
    const rows = await this.#table.run((session, table) => table.claimOne(session, id, request));
    this.#table.shared.looks.forget(this.name);
    return { owner: request.owner, rows };
  }

  /**
   * When there will be something to claim.
   *
   * @param address of the queue among the arrivals of the database.
   * @param maxAge how old the answer may be if nothing was announced meanwhile, in milliseconds.
   */
  async outlook(address: string, maxAge: number): Promise<Outlook> {
    if (this.#isOutbox) {
      const at = performance.now();
      const dueIn = await this.#table.run((session, rows) => rows.outlookExclusive(session, this.name));
      return { at, dueAt: performance.now() + (dueIn ?? Number.POSITIVE_INFINITY) };
    }
    return this.#table.shared.looks.outlook(this.#table, this.name, address, maxAge);
  }

  remove(claims: readonly RowClaim[]): Promise<readonly boolean[]> {
    return this.#settlements.settle(claims.map((claim) => ({ kind: 'remove', claim })));
  }

  async release(claims: readonly RowClaim[], delay: number): Promise<readonly boolean[]> {
    // Others must not overtake them: the claim goes on, so that it holds the whole outbox back.
    const isHeldBack = this.#isOutbox && delay > 0;
    const held = await this.#settlements.settle(
      claims.map((claim): Settlement =>
        isHeldBack ? { kind: 'prolong', claim, lease: Math.ceil(delay) } : { kind: 'release', claim, delay },
      ),
    );
    this.#announce(delay);
    return held;
  }

  prolong(claims: readonly RowClaim[]): Promise<readonly boolean[]> {
    const lease = this.leaseDuration;
    return this.#settlements.settle(claims.map((claim) => ({ kind: 'prolong', claim, lease })));
  }

  /** @param replacements all to queues of the same database. */
  async replace(replacements: readonly Replacement[]): Promise<readonly boolean[]> {
    const here = await this.#table.open();
    const settlements = replacements.map(async ({ claimed, row, to }): Promise<Settlement> => {
      const target = to as ServerQueue;
      const isHere = (await target.#table.open()) === here;
      return {
        kind: 'replace',
        claim: claimed,
        row: target.#own(row),
        to: isHere ? undefined : target.#table.rows,
      };
    });
    const held = await this.#settlements.settle(await Promise.all(settlements));
    replacements.forEach(({ row, to }) => (to as ServerQueue).#announce(row.delay));
    return held;
  }

  #own(row: EncodedRow): NewRow {
    // What waits in an outbox is forwarded at once; the target holds it back.
    return { ...row, ...(this.#isOutbox && { delay: null }), queue: this.name };
  }

  #request(limit: number) {
    return {
      queue: this.name,
      limit,
      owner: this.#table.database.newOwner(),
      lease: this.leaseDuration,
    };
  }

  #announce(dueIn: number): void {
    this.#table.announce(this.name, dueIn);
  }
}

function soonestOf(rows: readonly NewRow[]): number {
  return rows.reduce((soonest, { delay }) => Math.min(soonest, delay ?? 0), Number.POSITIVE_INFINITY);
}

function inOrderOfIds(rows: readonly MessageRow[]): readonly MessageRow[] {
  return [...rows].sort((a, b) => a.id - b.id);
}

/** A database returns the rows of an UPDATE in no particular order. */
function inOrder(rows: readonly MessageRow[]): readonly MessageRow[] {
  return rows.length > 1 ? [...rows].sort(byPlace) : rows;
}
