import type { MessageCounts } from '../../transport/capabilities.js';
import type { MessageRow } from './sqlite.statements.js';
import type { SqliteTable } from './sqlite.table.js';

/** How many rows are read at once: few enough not to hold the event loop. */
const PAGE_ROWS = 100;

/** Reads the rows of a queue without claiming them. */
export class SqliteListing {
  readonly #table: SqliteTable;
  readonly #queueName: string;

  constructor(table: SqliteTable, queueName: string) {
    this.#table = table;
    this.#queueName = queueName;
  }

  async counts(): Promise<Required<MessageCounts>> {
    const queue = this.#queueName;
    const now = this.#table.connection.clock.now();
    const { ready, expired, leased, delayed } = (await this.#table.open()).read<
      Record<'ready' | 'expired' | 'leased' | 'delayed', number>
    >(({ count }) => count.get(queue, now, queue, now, queue, now, queue, now));
    return { ready: ready + expired, inFlight: leased, delayed };
  }

  /** Up to `limit` rows in the order in which they are due, whoever holds them. */
  async *rows(limit: number): AsyncGenerator<MessageRow> {
    let left = limit;
    let last: Pick<MessageRow, 'available_at' | 'id'> = { available_at: -1, id: 0 };
    while (left > 0) {
      const size = Math.min(left, PAGE_ROWS);
      const start = [this.#queueName, last.available_at, last.id, size] as const;
      const page = (await this.#table.open()).read<readonly MessageRow[]>(({ page }) =>
        page.all(...start, ...start, size),
      );
      yield* page;
      last = page.at(-1) ?? last;
      left = page.length < size ? 0 : left - size;
    }
  }

  async find(id: number): Promise<MessageRow | undefined> {
    return (await this.#table.open()).read(({ find }) => find.get(id, this.#queueName));
  }
}
