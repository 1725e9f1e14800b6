import type { RollEntry, WorkerRoll } from '../../../transport/capabilities.js';
import type { SqliteTable } from './sqlite.table.js';

interface WorkerRow {
  readonly id: string;
  readonly details: string;
  readonly entered_at: number;
}

/** The roll of the workers on a file, in a table beside that of the messages. */
export class SqliteRoll implements WorkerRoll {
  readonly place: string;
  readonly #table: SqliteTable;

  constructor(table: SqliteTable) {
    this.#table = table;
    this.place = `sqlite:${table.connection.file} ${table.name}`;
  }

  async enter(id: string, details: string, ttl: number): Promise<void> {
    const table = await this.#table.open();
    const run = (): void => {
      const { removeExpiredWorkers, enterWorker } = table.statements;
      // Read here, as the transaction may have waited for another process's.
      const now = this.#table.connection.clock.now();
      removeExpiredWorkers.run(now);
      enterWorker.run(id, details, now, now + Math.ceil(ttl));
    };
    await table.write({ rows: 1, isOneStatement: false, run });
  }

  async leave(id: string): Promise<void> {
    const table = await this.#table.open();
    const run = () => table.statements.removeWorker.run(id);
    await table.write({ rows: 1, isOneStatement: true, run });
  }

  async entries(): Promise<readonly RollEntry[]> {
    const table = await this.#table.open();
    const now = this.#table.connection.clock.now();
    const rows = table.read<readonly WorkerRow[]>(({ readWorkers }) => readWorkers.all(now));
    return rows.map(({ id, details, entered_at }) => ({ id, details, age: Math.max(0, now - entered_at) }));
  }
}
