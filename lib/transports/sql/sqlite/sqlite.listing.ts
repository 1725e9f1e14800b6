import type { MessageCounts } from '../../../transport/capabilities.js';
import type { SqlPages } from '../sql.queue.js';
import type { MessageRow, RowPlace } from '../sql.rows.js';
import type { SqliteTable } from './sqlite.table.js';

/** What the statement `count` answers. */
interface CountRow extends Record<'ready' | 'expired' | 'leased' | 'delayed' | 'withdrawn', number> {
  readonly ready_since: number | null;
  readonly expired_since: number | null;
}

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
    const due = [queue, now] as const;
    const dueAgain = [queue, now, now] as const;
    const row = (await this.#table.open()).read<CountRow>(({ count }) =>
      count.get(...due, ...dueAgain, ...due, ...due, ...dueAgain, ...due, ...dueAgain),
    );
    const since = Math.min(row.ready_since ?? now, row.expired_since ?? now);
    return {
      ready: row.ready + row.expired,
      inFlight: row.leased,
      delayed: row.delayed + row.withdrawn,
      oldestAge: Math.max(0, now - since),
    };
  }

  async page({ available_at, id }: RowPlace, size: number): Promise<readonly MessageRow[]> {
    const start = [this.#queueName, available_at, id, size] as const;
    return (await this.#table.open()).read(({ page }) => page.all(...start, ...start, size));
  }

  async find(id: number): Promise<MessageRow | undefined> {
    return (await this.#table.open()).read(({ find }) => find.get(id, this.#queueName));
  }
}
