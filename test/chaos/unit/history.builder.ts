import type {
  DispatchRow,
  FiredRow,
  HandlingRow,
  History,
  SettlementRow,
  StandstillRow,
} from '../ledger/history.js';

/** A process, by its id. */
export const A = 1;
export const B = 2;

/** Builds histories row by row: each row is the next one, one millisecond after the one before. */
export class HistoryBuilder {
  readonly #dispatches: DispatchRow[] = [];
  readonly #handlings: HandlingRow[] = [];
  readonly #settlements: SettlementRow[] = [];
  readonly #fired: FiredRow[] = [];
  readonly #standstills: StandstillRow[] = [];
  #n = 0;

  /** When the next row is written, in epoch milliseconds. */
  get now(): number {
    return this.#n + 1;
  }

  attempted(id: string): this {
    return this.#dispatch('attempted', { id });
  }

  accepted(id: string, more: Partial<DispatchRow> = {}): this {
    return this.#dispatch('accepted', { id, ...more });
  }

  refused(id: string, more: Partial<DispatchRow> = {}): this {
    return this.#dispatch('refused', { id, ...more });
  }

  started(id: string, pid: number = A, more: Partial<HandlingRow> = {}): this {
    return this.#handling('started', { id, pid, ...more });
  }

  effect(id: string, pid: number = A, more: Partial<HandlingRow> = {}): this {
    return this.#handling('effect', { id, pid, ...more });
  }

  settling(id: string, pid: number = A, more: Partial<SettlementRow> = {}): this {
    return this.#settlement('settling', { id, pid, ...more });
  }

  settled(id: string, pid: number = A, more: Partial<SettlementRow> = {}): this {
    return this.#settlement('settled', { id, pid, ...more });
  }

  /** A run that goes well. */
  handled(id: string, pid: number = A): this {
    return this.started(id, pid).effect(id, pid).settling(id, pid).settled(id, pid);
  }

  fired(action: string, pid: number = A, { point = 'before-ack', ids = [] }: Partial<FiredRow> = {}): this {
    this.#fired.push({ ...this.#next(), point, action, ids, pid });
    return this;
  }

  /** The process could do nothing since the row before. */
  stoodStill(pid: number = A): this {
    this.#standstills.push({ from: this.#n, ...this.#next(), pid });
    return this;
  }

  build(): History {
    return {
      dispatches: this.#dispatches,
      handlings: this.#handlings,
      settlements: this.#settlements,
      fired: this.#fired,
      notes: [],
      standstills: this.#standstills,
    };
  }

  #next(): { readonly n: number; readonly at: number; readonly pid: number } {
    this.#n += 1;
    return { n: this.#n, at: this.#n, pid: A };
  }

  #dispatch(what: DispatchRow['what'], row: Pick<DispatchRow, 'id'> & Partial<DispatchRow>): this {
    const usual = { key: 'all', sequence: 0, type: 'Plain', dueAt: 0, maybeSent: false };
    this.#dispatches.push({ ...this.#next(), ...usual, what, ...row });
    return this;
  }

  #handling(what: HandlingRow['what'], row: Pick<HandlingRow, 'id'> & Partial<HandlingRow>): this {
    const usual = { messageId: `message ${row.id}`, attempt: 1, deliveries: 1, handler: 'plain' };
    this.#handlings.push({ ...this.#next(), ...usual, what, ...row });
    return this;
  }

  #settlement(what: SettlementRow['what'], row: Pick<SettlementRow, 'id'> & Partial<SettlementRow>): this {
    const usual = { how: 'ack', transport: 'async', lost: false } as const;
    this.#settlements.push({ ...this.#next(), ...usual, what, ...row });
    return this;
  }
}
