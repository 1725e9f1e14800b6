import type { SqliteTable } from './sqlite.table.js';

/** Signals to all processes that use a table, such as the one that stops its workers. */
export class SqliteSignals {
  readonly #table: SqliteTable;

  constructor(table: SqliteTable) {
    this.#table = table;
  }

  /** Gives a signal now. */
  async write(name: string): Promise<void> {
    const table = await this.#table.open();
    const now = this.#table.connection.clock.now();
    const run = () => table.statements.writeSignal.run(name, now);
    await table.write({ rows: 1, isOneStatement: true, run });
  }

  /** When a signal was last given, in epoch milliseconds. */
  async read(name: string): Promise<number | undefined> {
    const table = await this.#table.open();
    const row = table.read<{ given_at: number } | undefined>(({ readSignal }) => readSignal.get(name));
    return row?.given_at;
  }
}
