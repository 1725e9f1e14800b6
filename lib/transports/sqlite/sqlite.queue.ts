import type { WaitOptions, WakeReason } from './sqlite.arrivals.js';
import type { SqliteValue } from './sqlite.driver.js';
import type { EncodedRow } from './sqlite.row-codec.js';
import type { SqliteReceivedStamp } from './sqlite.stamps.js';
import { MAX_ROWS, type MessageRow, type QueueOutlook } from './sqlite.statements.js';
import type { SqliteTable } from './sqlite.table.js';

/** Rows that were claimed together, under one token. */
export interface Claim {
  readonly owner: string;
  /** In the order in which they became due. */
  readonly rows: readonly MessageRow[];
}

/** A claimed row, and the message that takes its place in the queue `to` of the same file. */
export interface Replacement {
  readonly claimed: SqliteReceivedStamp;
  readonly row: EncodedRow;
  readonly to: SqliteQueue;
}

/**
 * One queue of a table: rows in and out, without a thought of what they mean. Those methods that settle answer, for each
 * row, whether the claim still held. All throw a TransportError for whatever the file or the driver does wrong.
 */
export class SqliteQueue {
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

  /** @returns the ids of the new rows. */
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
    return [this.#name, body, headers, now, this.#isOutbox ? 0 : now + delay];
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

  /** Claims one row, due or not, unless somebody holds it. */
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

  /** Deletes claimed rows. */
  async remove(claims: readonly SqliteReceivedStamp[]): Promise<readonly boolean[]> {
    const table = await this.#table.open();
    const { remove } = table.statements;
    return table.writeEach(claims, ({ rowId, owner }) => isChange(remove.run(rowId, owner)));
  }

  /** Undoes claims: the rows keep their place, or are due in `delay` milliseconds if that is later. */
  async release(claims: readonly SqliteReceivedStamp[], delay: number): Promise<readonly boolean[]> {
    const table = await this.#table.open();
    const { release } = table.statements;
    const earliest = delay > 0 ? this.#now() + delay : 0;
    const held = await table.writeEach(claims, ({ rowId, owner }) =>
      isChange(release.run(earliest, rowId, owner)),
    );
    this.#announce();
    return held;
  }

  /** Makes claims last {@link leaseDuration} from now. */
  async prolong(claims: readonly SqliteReceivedStamp[]): Promise<readonly boolean[]> {
    const table = await this.#table.open();
    const { prolong } = table.statements;
    const until = this.#now() + this.leaseDuration;
    return table.writeEach(claims, ({ rowId, owner }) => isChange(prolong.run(until, rowId, owner)));
  }

  /** Puts messages in the place of claimed rows, each in one atomic step. */
  async replace(replacements: readonly Replacement[]): Promise<readonly boolean[]> {
    const table = await this.#table.open();
    const { remove, replace } = table.statements;
    const items = await Promise.all(
      replacements.map(async (item) => ({ ...item, target: await item.to.#table.open() })),
    );
    const now = this.#now();
    const change = ({ claimed: { rowId, owner }, row, to, target }: (typeof items)[number]): boolean => {
      const { body, headers, delay } = row;
      if (to.#table.name === this.#table.name) {
        return isChange(replace.run(to.#name, body, headers, now + delay, rowId, owner));
      }
      const held = isChange(remove.run(rowId, owner));
      if (held) {
        target.statements.insert.run(to.#name, body, headers, now, now + delay);
      }
      return held;
    };
    const isWithinTable = replacements.every(({ to }) => to.#table.name === this.#table.name);
    const held = await table.writeEach(items, change, isWithinTable ? 1 : 2);
    replacements.forEach(({ to }) => to.#announce());
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

function byPlace(a: MessageRow, b: MessageRow): number {
  return a.available_at - b.available_at || a.id - b.id;
}
