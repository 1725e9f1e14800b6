import { setTimeout as sleep } from 'node:timers/promises';
import { Gatherer } from '../../../transport/gatherer.js';
import type { RowClaim } from '../sql.rows.js';
import type { NewRow, ServerRows } from './server.dialect.js';
import { IDLE_LIMIT_MS, type ServerSession } from './server.pool.js';
import { slicesOf } from './server.slices.js';
import type { ServerTable } from './server.table.js';

/** What is to become of a claimed row. */
export type Settlement =
  | { readonly kind: 'remove'; readonly claim: RowClaim }
  | { readonly kind: 'release'; readonly claim: RowClaim; readonly delay: number }
  | { readonly kind: 'prolong'; readonly claim: RowClaim; readonly lease: number }
  | {
      readonly kind: 'replace';
      readonly claim: RowClaim;
      readonly row: NewRow;
      /** The table in which the new row is stored, if it is another one. */
      readonly to: ServerRows | undefined;
    };

type Outcome = { readonly held: boolean } | { readonly error: Error };

/** After how many milliseconds a settlement is tried again whose connection was lost. */
const RETRY_AFTER_MS = [25, 100, 400];

/**
 * Settles claims, one statement after the other, so that no two statements of this process wait for each other's rows. What
 * comes meanwhile shares the next.
 */
export class ServerSettlements {
  readonly #table: ServerTable;
  readonly #gathered: Gatherer<Settlement, Outcome>;
  /** Settlements of which nobody knows whether they were carried out. */
  readonly #doubtful = new WeakSet<RowClaim>();

  constructor(table: ServerTable) {
    this.#table = table;
    this.#gathered = new Gatherer((settlements) => this.#settle(settlements));
  }

  /**
   * Carries settlements out and resolves with whether each claim still held.
   *
   * @throws TransportError
   */
  async settle(settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    const outcomes = await Promise.all(settlements.map((settlement) => this.#gathered.add(settlement)));
    return outcomes.map((outcome) => {
      if ('error' in outcome) {
        throw outcome.error;
      }
      return outcome.held;
    });
  }

  async #settle(settlements: readonly Settlement[]): Promise<readonly Outcome[]> {
    const outcomes = new Map<Settlement, Outcome>();
    for (const group of groupsOf(settlements)) {
      for (const slice of slicesOf(group, lengthOf)) {
        await this.#settleSlice(slice, outcomes);
      }
    }
    return settlements.map((settlement) => outcomes.get(settlement) as Outcome);
  }

  async #settleSlice(slice: readonly Settlement[], outcomes: Map<Settlement, Outcome>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#table.attempt((session, rows) => carryOut(session, rows, slice));
      if ('value' in outcome) {
        const held = new Set(outcome.value.map(keyOf));
        slice.forEach((each) => outcomes.set(each, { held: this.#isHeld(each, held) }));
        return;
      }
      if (outcome.fault === 'statement' && slice.length > 1) {
        const middle = Math.ceil(slice.length / 2);
        await this.#settleSlice(slice.slice(0, middle), outcomes);
        await this.#settleSlice(slice.slice(middle), outcomes);
        return;
      }
      const pause = outcome.fault === 'lost' ? RETRY_AFTER_MS[attempt] : undefined;
      if (outcome.fault === 'lost') {
        slice.forEach(({ kind, claim }) => kind !== 'prolong' && this.#doubtful.add(claim));
      }
      if (pause === undefined) {
        slice.forEach((each) => outcomes.set(each, { error: outcome.error }));
        return;
      }
      await sleep(pause * (0.5 + Math.random()));
    }
  }

  /**
   * A claim that does not hold after a try whose answer was lost was settled by that try, as far as anybody can tell. If it was
   * not, the row is in somebody else's hands, and nothing is lost by not reporting it.
   */
  #isHeld({ kind, claim }: Settlement, held: ReadonlySet<string>): boolean {
    return held.has(keyOf(claim)) || (kind !== 'prolong' && this.#doubtful.has(claim));
  }
}

function carryOut(
  session: ServerSession,
  rows: ServerRows,
  slice: readonly Settlement[],
): Promise<readonly RowClaim[]> {
  const claims = slice.map(({ claim }) => claim);
  const [first] = slice;
  switch (first?.kind) {
    case 'remove':
      return rows.remove(session, claims);
    case 'release':
      return rows.release(session, claims, first.delay);
    case 'prolong':
      return rows.prolong(session, claims, first.lease);
    case 'replace':
      return replace(session, rows, slice as ReadonlyArray<Extract<Settlement, { kind: 'replace' }>>);
    case undefined:
      return Promise.resolve([]);
  }
}

async function replace(
  session: ServerSession,
  rows: ServerRows,
  slice: ReadonlyArray<Extract<Settlement, { readonly kind: 'replace' }>>,
): Promise<readonly RowClaim[]> {
  const target = slice[0]?.to;
  if (target === undefined) {
    return rows.replace(session, slice);
  }
  return session.transaction(async (transaction) => {
    const held = await rows.remove(
      transaction,
      slice.map(({ claim }) => claim),
    );
    const keys = new Set(held.map(keyOf));
    const copies = slice.filter(({ claim }) => keys.has(keyOf(claim))).map(({ row }) => row);
    await (copies.length > 0 ? target.insert(transaction, copies) : undefined);
    return held;
  }, IDLE_LIMIT_MS);
}

/** Settlements that one statement can carry out. */
function groupsOf(settlements: readonly Settlement[]): ReadonlyArray<readonly Settlement[]> {
  const groups = new Map<unknown, Map<unknown, Settlement[]>>();
  for (const settlement of settlements) {
    const detail = detailOf(settlement);
    const ofKind = groups.get(settlement.kind) ?? new Map<unknown, Settlement[]>();
    groups.set(settlement.kind, ofKind);
    const group = ofKind.get(detail) ?? [];
    ofKind.set(detail, group);
    group.push(settlement);
  }
  return [...groups.values()].flatMap((ofKind) => [...ofKind.values()]);
}

function detailOf(settlement: Settlement): unknown {
  switch (settlement.kind) {
    case 'release':
      return settlement.delay;
    case 'prolong':
      return settlement.lease;
    case 'replace':
      return settlement.to;
    case 'remove':
      return undefined;
  }
}

function lengthOf(settlement: Settlement): number {
  return settlement.kind === 'replace' ? settlement.row.body.length + settlement.row.headers.length : 0;
}

function keyOf({ rowId, owner }: RowClaim): string {
  return `${rowId} ${owner}`;
}
