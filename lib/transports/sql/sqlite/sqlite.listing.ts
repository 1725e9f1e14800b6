import type { MessageCounts } from '../../../transport/capabilities.js';
import type { SqlPages } from '../sql.queue.js';
import type { MessageRow, RowPlace } from '../sql.rows.js';
import type { SqliteTable } from './sqlite.table.js';

/** Reads the rows of a queue without claiming them. */
export class SqliteListing implements SqlPages {
  readonly #table: SqliteTable;
  readonly #queueName: string;

  constructor(table: SqliteTable, queueName: string) {
    this.#table = table;
    this.#queueName = queueName;
  }

  async counts(): Promise<Required<MessageCounts>> {
    const queue = this.#queueName;
    const now = this.#table.connection.clock.now();
    const { ready, expired, leased, delayed, withdrawn } = (await this.#table.open()).read<
      Record<'ready' | 'expired' | 'leased' | 'delayed' | 'withdrawn', number>
    >(({ count }) => count.get(queue, now, queue, now, now, queue, now, queue, now, queue, now, now));
    return { ready: ready + expired, inFlight: leased, delayed: delayed + withdrawn };
  }

  async page({ available_at, id }: RowPlace, size: number): Promise<readonly MessageRow[]> {
    const start = [this.#queueName, available_at, id, size] as const;
    return (await this.#table.open()).read(({ page }) => page.all(...start, ...start, size));
  }

  async find(id: number): Promise<MessageRow | undefined> {
    return (await this.#table.open()).read(({ find }) => find.get(id, this.#queueName));
  }
}
