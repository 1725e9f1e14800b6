import type { SqlSignals } from '../sql.queue.js';
import type { ServerTable } from './server.table.js';

/** How long what was read is trusted, in milliseconds: while new signals are heard of, and while they are not. */
const TRUSTED_MS = { hearing: 5000, deaf: 1000 } as const;

/**
 * Small signals for every process, in a table of their times by the clock of the database. They are asked for ten times a second;
 * but who waits for messages hears of them, and need not ask so often.
 */
export class ServerSignals implements SqlSignals {
  readonly #table: ServerTable;
  #known: Promise<ReadonlyMap<string, number>> | undefined;
  #readAt = 0;

  constructor(table: ServerTable) {
    this.#table = table;
    table.onSignal(() => this.#forget());
  }

  async write(name: string): Promise<void> {
    await this.#table.run((session, rows) => rows.writeSignal(session, name));
    this.#forget();
    this.#table.tell({ signal: name });
  }

  async read(name: string): Promise<number | undefined> {
    const trusted = this.#table.isHearing ? TRUSTED_MS.hearing : TRUSTED_MS.deaf;
    if (this.#known === undefined || performance.now() - this.#readAt > trusted) {
      this.#readAt = performance.now();
      this.#known = this.#table.run(async (session, rows) => new Map(await rows.readSignals(session)));
    }
    const reading = this.#known;
    try {
      return (await reading).get(name);
    } catch (error) {
      this.#known = this.#known === reading ? undefined : this.#known;
      throw error;
    }
  }

  #forget(): void {
    this.#known = undefined;
  }
}
