import type { MessageCounts } from '../../../../lib/transport/capabilities.js';

/** What a queue handed out, as far as the model knows of it. */
export interface Handed {
  readonly content: string;
  readonly id: string;
  /** How often it was handed out, this time included. */
  readonly deliveries: number;
}

/** A row as {@link QueueModel} believes it to be. Times in milliseconds of its clock. */
export interface ModelRow {
  content: string;
  queue: string;
  /** Unknown until it is seen. */
  id: string | undefined;
  /** The order in which the rows of a table were stored. */
  readonly place: number;
  dueAt: number;
  deliveries: number;
  claim: ModelClaim | undefined;
}

/** One hand-out of one row. It settles the row for as long as it is the row's claim. */
export interface ModelClaim {
  readonly row: ModelRow;
  until: number;
}

/** What settles a row. */
export type ModelSettlement =
  | { readonly kind: 'remove' | 'prolong' }
  | { readonly kind: 'release'; readonly delay: number }
  | { readonly kind: 'replace'; readonly content: string; readonly to: string; readonly delay: number };

/** What the model is told of the database under test. */
export interface ModelSetup {
  /** Milliseconds. */
  readonly lease: number;
  /** The table of a queue. */
  readonly tableOf: (queue: string) => string;
  /** The ids that were ever seen, each after its table. Others may add to them. */
  readonly usedIds: Set<string>;
}

/** What goes by on the clock of a database while a schedule runs is less. */
const AGE_TOLERANCE_MS = 100_000;

/** The queue did what no queue may do. */
export class ModelViolation extends Error {
  override readonly name = 'ModelViolation';
}

/**
 * What queues must hold and hand out, in the plainest terms: a list of rows and a clock that is moved by hand.
 *
 * One thing is left to the database. A claim that has ended, while nobody has claimed its row, may still settle the row or not;
 * but it must say which, and stick to it.
 */
export class QueueModel {
  now = 0;
  readonly #setup: ModelSetup;
  readonly #rows = new Set<ModelRow>();
  #places = 0;

  constructor(setup: ModelSetup) {
    this.#setup = setup;
  }

  store(queue: string, content: string, delay: number, id?: string): void {
    const place = ++this.#places;
    const dueAt = this.now + delay;
    const row: ModelRow = { content, queue, id: undefined, place, dueAt, deliveries: 0, claim: undefined };
    this.#rows.add(row);
    if (id !== undefined) {
      this.#identify(row, id);
    }
  }

  /** All rows of a queue in the order in which they are due. */
  rowsOf(queue: string): readonly ModelRow[] {
    const rows = [...this.#rows].filter((row) => row.queue === queue);
    return rows.toSorted((a, b) => a.dueAt - b.dueAt || a.place - b.place);
  }

  /** What the queue must hand out next, in this order. */
  claimable(queue: string): readonly ModelRow[] {
    return this.rowsOf(queue).filter((row) => row.dueAt <= this.now && this.#isFree(row));
  }

  counts(queue: string): { readonly ready: number; readonly inFlight: number; readonly delayed: number } {
    const rows = this.rowsOf(queue);
    const free = rows.filter((row) => this.#isFree(row));
    const ready = free.filter(({ dueAt }) => dueAt <= this.now).length;
    return { ready, inFlight: rows.length - free.length, delayed: free.length - ready };
  }

  /** Rows were handed out, which must be these, in this order. */
  handOut(rows: readonly ModelRow[], handed: readonly Handed[]): readonly ModelClaim[] {
    check('the messages handed out', contentsOf(handed), contentsOf(rows));
    return handed.map((each, index) => this.#claim(rows[index] as ModelRow, each));
  }

  /**
   * Several consumers were given rows at the same time: no row twice, each in order, and nothing was passed over.
   *
   * @param most how many they asked for together.
   */
  handOutTogether(
    queue: string,
    most: number,
    consumers: ReadonlyArray<readonly Handed[]>,
  ): ReadonlyArray<readonly ModelClaim[]> {
    const expected = this.claimable(queue).slice(0, most);
    const all = consumers.flat().map(({ content }) => content);
    check('the messages handed out together', all.toSorted(), contentsOf(expected).toSorted());
    return consumers.map((handed) => {
      const contents = contentsOf(handed);
      return this.handOut(
        expected.filter(({ content }) => contents.includes(content)),
        handed,
      );
    });
  }

  /** A row was asked for by its id, and is handed out unless somebody holds it or it is elsewhere. */
  claimOne(queue: string, id: string, handed: Handed | undefined): ModelClaim | undefined {
    const row = this.rowsOf(queue).find((each) => each.id === id);
    const expected = row !== undefined && this.#isFree(row) ? [row] : [];
    return this.handOut(expected, handed === undefined ? [] : [handed]).at(0);
  }

  /** Claims were settled, of which the database says whether they held. */
  settle(claims: readonly ModelClaim[], held: readonly boolean[], how: readonly ModelSettlement[]): void {
    const allowed = claims.map((claim) => this.#mustSettle(claim));
    const expected = allowed.map((must, index) => must ?? held[index]);
    check('whether the claims held', held, expected);
    claims.forEach((claim, index) => {
      if (held[index] === true) {
        this.#carryOut(claim, how[index] as ModelSettlement);
      } else if (allowed[index] === undefined) {
        // The database has taken the row back; it cannot change its mind.
        claim.row.claim = undefined;
      }
    });
  }

  /** The listing of a queue must be this. */
  checkListing(queue: string, listed: ReadonlyArray<Omit<Handed, 'deliveries'>>): void {
    const rows = this.rowsOf(queue);
    check(`the messages listed in ${queue}`, contentsOf(listed), contentsOf(rows));
    listed.forEach(({ id }, index) => this.#identify(rows[index] as ModelRow, id));
  }

  checkCounts(queue: string, { oldestAge, ...counts }: Required<MessageCounts>): void {
    check(`the counts of ${queue}`, counts, this.counts(queue));
    const [oldest] = this.claimable(queue);
    const expected = oldest === undefined ? 0 : this.now - oldest.dueAt;
    const isNear = Math.abs(oldestAge - expected) < AGE_TOLERANCE_MS;
    check(`the age of the oldest message of ${queue}`, isNear ? expected : oldestAge, expected);
  }

  /** `undefined`: as the database likes. */
  #mustSettle(claim: ModelClaim): boolean | undefined {
    if (!this.#rows.has(claim.row) || claim.row.claim !== claim) {
      return false;
    }
    return claim.until > this.now ? true : undefined;
  }

  #carryOut(claim: ModelClaim, how: ModelSettlement): void {
    const { row } = claim;
    switch (how.kind) {
      case 'remove':
        this.#rows.delete(row);
        return;
      case 'prolong':
        claim.until = this.now + this.#setup.lease;
        return;
      case 'release':
        row.claim = undefined;
        row.deliveries -= 1;
        row.dueAt = how.delay > 0 ? Math.max(row.dueAt, this.now + how.delay) : row.dueAt;
        return;
      case 'replace':
        this.#replace(row, how);
    }
  }

  /** Within a table, the row stays what it is. */
  #replace(row: ModelRow, { to, content, delay }: Extract<ModelSettlement, { kind: 'replace' }>): void {
    const { tableOf } = this.#setup;
    if (tableOf(to) !== tableOf(row.queue)) {
      this.#rows.delete(row);
      this.store(to, content, delay);
      return;
    }
    const dueAt = this.now + delay;
    Object.assign(row, { content, queue: to, dueAt, deliveries: 0, claim: undefined });
  }

  #isFree({ claim }: ModelRow): boolean {
    return claim === undefined || claim.until <= this.now;
  }

  #claim(row: ModelRow, { content, id, deliveries }: Handed): ModelClaim {
    this.#identify(row, id);
    row.deliveries += 1;
    check(`how often "${content}" was handed out`, deliveries, row.deliveries);
    row.claim = { row, until: this.now + this.#setup.lease };
    return row.claim;
  }

  #identify(row: ModelRow, id: string): void {
    const { usedIds, tableOf } = this.#setup;
    const key = `${tableOf(row.queue)} ${id}`;
    if (row.id === undefined) {
      check(`whether the id ${id} of "${row.content}" was used before`, usedIds.has(key), false);
      usedIds.add(key);
      row.id = id;
    }
    check(`the id of "${row.content}"`, id, row.id);
  }
}

function contentsOf(messages: ReadonlyArray<{ readonly content: string }>): readonly string[] {
  return messages.map(({ content }) => content);
}

function check(what: string, actual: unknown, expected: unknown): void {
  const [is, should] = [textOf(actual), textOf(expected)];
  if (is !== should) {
    throw new ModelViolation(`${what}: ${is}, and should be ${should}`);
  }
}

/** As JSON with the properties of objects in the order of their names. */
function textOf(value: unknown): string {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return JSON.stringify(
    isPlain ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}
