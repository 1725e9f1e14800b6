import type { SqlSignals } from '../sql.queue.js';
import type { ServerTable } from './server.table.js';

/** The longest that what was read is trusted, in milliseconds: while new signals are heard of, and while they are not. */
const MAX_TRUSTED_MS = { hearing: 7500, deaf: 1500 } as const;

/** Looks for messages ask for signals too. One that comes in time makes a question of its own unnecessary. Milliseconds. */
const LATENESS_MS = 500;

/** How often somebody who waits for messages looks, in milliseconds. */
export interface LookIntervals {
  /** While notices of others arrive. */
  readonly checkInterval: number;
  /** While they do not. */
  readonly pollInterval: number;
}

/**
 * Small signals for every process, in a table of their times by the clock of the database. They are asked for ten times a second;
 * but who waits for messages hears of them, and need not ask so often.
 */
export class ServerSignals implements SqlSignals {
  readonly #table: ServerTable;
  readonly #intervals: LookIntervals;

  constructor(table: ServerTable, intervals: LookIntervals) {
    this.#table = table;
    this.#intervals = intervals;
  }

  async write(name: string): Promise<void> {
    await this.#table.run((session, rows) => rows.writeSignal(session, name));
    this.#table.tell({ signal: name });
    this.#table.shared.signals.heard();
  }

  async read(name: string): Promise<number | undefined> {
    const signals = await this.#table.shared.signals.read(this.#trusted, () =>
      this.#table.run((session, rows) => rows.readSignals(session)),
    );
    return signals.get(name);
  }

  onSignal(listener: () => void): () => void {
    return this.#table.shared.signals.onSignal(listener);
  }

  get #trusted(): number {
    const { checkInterval, pollInterval } = this.#intervals;
    return this.#table.isHearing
      ? Math.min(MAX_TRUSTED_MS.hearing, checkInterval + LATENESS_MS)
      : Math.min(MAX_TRUSTED_MS.deaf, pollInterval + LATENESS_MS);
  }
}
