import type { SqlSignals } from '../sql.queue.js';
import type { SqliteTable } from './sqlite.table.js';

/** Signals in a table of a file. */
export class SqliteSignals implements SqlSignals {
  readonly #table: SqliteTable;

  constructor(table: SqliteTable) {
    this.#table = table;
  }

  async write(name: string): Promise<void> {
    const table = await this.#table.open();
    const now = this.#table.connection.clock.now();
    const run = () => table.statements.writeSignal.run(name, now);
    await table.write({ rows: 1, isOneStatement: true, run });
  }

  async read(name: string): Promise<number | undefined> {
    const table = await this.#table.open();
    const row = table.read<{ given_at: number } | undefined>(({ readSignal }) => readSignal.get(name));
    return row?.given_at;
  }
}
