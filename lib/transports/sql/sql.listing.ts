import type { SqlPages } from './sql.queue.js';
import type { MessageRow, RowPlace } from './sql.rows.js';

/** How many rows are read at once: few enough not to hold the event loop. */
const PAGE_ROWS = 100;

/** Before any row. */
const START: RowPlace = { available_at: -1, id: 0 };

/** Up to `limit` rows in the order in which they are due, whoever holds them, read page by page. */
export async function* listRows(pages: SqlPages, limit: number): AsyncGenerator<MessageRow> {
  let left = limit;
  let last = START;
  while (left > 0) {
    const size = Math.min(left, PAGE_ROWS);
    const page = await pages.page(last, size);
    yield* page;
    last = page.at(-1) ?? last;
    left = page.length < size ? 0 : left - size;
  }
}
