import type { MessageCounts } from '../../../transport/capabilities.js';
import type { SqlPages } from '../sql.queue.js';
import type { MessageRow, RowPlace } from '../sql.rows.js';
import type { ServerTable } from './server.table.js';

/** Reads the rows of a queue on a server. */
export class ServerPages implements SqlPages {
  readonly #table: ServerTable;
  readonly #queue: string;

  constructor(table: ServerTable, queue: string) {
    this.#table = table;
    this.#queue = queue;
  }

  counts(): Promise<Required<MessageCounts>> {
    return this.#table.run((session, rows) => rows.counts(session, this.#queue));
  }

  page(place: RowPlace, size: number): Promise<readonly MessageRow[]> {
    return this.#table.run((session, rows) => rows.page(session, this.#queue, place, size));
  }

  find(id: number): Promise<MessageRow | undefined> {
    return this.#table.run((session, rows) => rows.find(session, this.#queue, id));
  }
}
