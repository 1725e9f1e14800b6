import type { Replacement, SqlQueue } from '../sql.queue.js';
import { byPlace, type Claim, type EncodedRow, type MessageRow, type RowClaim } from '../sql.rows.js';
import type { WaitOptions, WakeReason } from './sqlite.arrivals.js';
import type { SqliteValue } from './sqlite.driver.js';
import { MAX_ROWS, type QueueOutlook } from './sqlite.statements.js';
import type { SqliteTable } from './sqlite.table.js';

/** One queue of a table in a file. */
export class SqliteQueue implements SqlQueue {
  /** Milliseconds. */
  readonly leaseDuration: number;
  /** One for all transports on this queue of the file: the name under which receivers wait. */
  readonly address: string;
  readonly #table: SqliteTable;
  readonly #name: string;
  readonly #isOutbox: boolean;

  /**
   * @param leaseDuration milliseconds.
   * @param isOutbox hand out rows in the order in which they were stored, and none while one of them is claimed.
   */
  constructor(table: SqliteTable, name: string, leaseDuration: number, isOutbox = false) {
    this.#table = table;
    this.#name = name;
    this.#isOutbox = isOutbox;
    this.address = `${table.name}/${name}`;
    this.leaseDuration = leaseDuration;
  }

  async insert(rows: readonly EncodedRow[]): Promise<readonly number[]> {
    const table = await this.#table.open();
    const values = rows.map((row) => this.insertValues(row));
    const ids = await table.writeEach(values, (row) =>
      Number(table.statements.insert.run(...row).lastInsertRowid),
    );
    this.#announce();
    return ids;
  }

  /** What the statement `insert` is given for a row: queue, body, headers, created at, available at. */
  insertValues({ body, headers, delay }: EncodedRow): readonly SqliteValue[] {
    const now = this.#now();
    // In an outbox all are due at once, so that they keep the order of their ids whatever the clock does.
    return [this.#name, stored(body), headers, now, this.#isOutbox ? 0 : now + delay];
  }

  /**
   * Resolves, once the table is open, with what tells when there will be something to claim: a pure read, which takes no
   * lock and disturbs nobody.
   */
  async lookout(): Promise<() => QueueOutlook> {
    const table = await this.#table.open();
    const name = this.#name;
    return () =>
      table.read(({ outlook, outlookExclusive }) =>
        this.#isOutbox ? outlookExclusive.get(name, name, name) : outlook.get(name, name),
      );
  }

  /**
   * Claims up to `max` rows that are due, {@link MAX_ROWS} at most.
   *
   * @param freeExpired first make available again what nobody kept alive.
   * @param isCancelled asked at the last moment; then nothing is claimed.
   */
  async claim(max: number, freeExpired: boolean, isCancelled: () => boolean): Promise<Claim> {
    const table = await this.#table.open();
    const { freeExpired: free, claim, claimExclusive } = table.statements;
    const owner = this.#table.connection.newOwner();
    const limit = Math.min(max, MAX_ROWS);
    const run = (): readonly MessageRow[] => {
      if (isCancelled()) {
        return [];
      }
      const now = this.#now();
      if (freeExpired) {
        free.run(this.#name, now);
      }
      const claiming = [limit, owner, now + this.leaseDuration] as const;
      return (
        this.#isOutbox
          ? claimExclusive.all(this.#name, now, this.#name, ...claiming)
          : claim.all(this.#name, now, ...claiming)
      ) as readonly MessageRow[];
    };
    const rows = await table.write({ rows: limit, isOneStatement: !freeExpired, run });
    // SQLite returns the rows of an UPDATE in no particular order.
    return { owner, rows: rows.length > 1 ? [...rows].sort(byPlace) : rows };
  }

  async claimOne(id: number): Promise<Claim> {
    const table = await this.#table.open();
    const { claimOne } = table.statements;
    const owner = this.#table.connection.newOwner();
    const run = (): readonly MessageRow[] => {
      const now = this.#now();
      return claimOne.all(owner, now + this.leaseDuration, id, this.#name, now) as readonly MessageRow[];
    };
    return { owner, rows: await table.write({ rows: 1, isOneStatement: true, run }) };
  }

  async remove(claims: readonly RowClaim[]): Promise<readonly boolean[]> {
    const table = await this.#table.open();
    const { remove } = table.statements;
    return table.writeEach(claims, ({ rowId, owner }) => isChange(remove.run(rowId, owner)));
  }

  async release(claims: readonly RowClaim[], delay: number): Promise<readonly boolean[]> {
    const table = await this.#table.open();
    const { release, prolong } = table.statements;
    const earliest = delay > 0 ? this.#now() + delay : 0;
    // Others must not overtake what is in an outbox: the claim goes on, so that it holds the whole outbox back.
    const change = this.#isOutbox && delay > 0 ? prolong : release;
    const held = await table.writeEach(claims, ({ rowId, owner }) =>
      isChange(change.run(earliest, rowId, owner)),
    );
    this.#announce();
    return held;
  }

  async prolong(claims: readonly RowClaim[]): Promise<readonly boolean[]> {
    const table = await this.#table.open();
    const { prolong } = table.statements;
    const until = this.#now() + this.leaseDuration;
    return table.writeEach(claims, ({ rowId, owner }) => isChange(prolong.run(until, rowId, owner)));
  }

  /** @param replacements all to queues of the same file. */
  async replace(replacements: readonly Replacement[]): Promise<readonly boolean[]> {
    const table = await this.#table.open();
    const { remove, replace } = table.statements;
    const items = await Promise.all(
      replacements.map(async ({ claimed, row, to }) => {
        const queue = to as SqliteQueue;
        return { claimed, row, to: queue, target: await queue.#table.open() };
      }),
    );
    const now = this.#now();
    const change = ({ claimed: { rowId, owner }, row, to, target }: (typeof items)[number]): boolean => {
      const { headers, delay } = row;
      const body = stored(row.body);
      if (to.#table.name === this.#table.name) {
        return isChange(replace.run(to.#name, body, headers, now + delay, rowId, owner));
      }
      const held = isChange(remove.run(rowId, owner));
      if (held) {
        target.statements.insert.run(to.#name, body, headers, now, now + delay);
      }
      return held;
    };
    const isWithinTable = items.every(({ to }) => to.#table.name === this.#table.name);
    const held = await table.writeEach(items, change, isWithinTable ? 1 : 2);
    items.forEach(({ to }) => to.#announce());
    return held;
  }

  /** Waits until there may be something to claim, or one of `options` ends the wait. */
  wait(options: WaitOptions): Promise<WakeReason> {
    return this.#table.connection.arrivals.wait(this.address, options);
  }

  #announce(): void {
    this.#table.connection.arrivals.announce(this.address);
  }

  #now(): number {
    return this.#table.connection.clock.now();
  }
}

function isChange(result: { readonly changes: number | bigint }): boolean {
  return Number(result.changes) > 0;
}

/** Two of the drivers end a text at its first NUL. As bytes it comes back whole. */
function stored(body: string | Uint8Array): string | Uint8Array {
  return typeof body === 'string' && body.includes('\0') ? Buffer.from(body) : body;
}
