import { MaybeSentError } from '../../../errors/maybe-sent.error.js';
import { Gatherer } from '../../../transport/gatherer.js';
import type { NewRow } from './server.dialect.js';
import { slicesOf } from './server.slices.js';
import type { Attempt, ServerTable } from './server.table.js';

type Outcome = { readonly id: number } | { readonly error: Error };

/**
 * Stores rows. Those of one turn of the event loop, and those that come while a statement is under way, share the next, so
 * that they keep their order and their commits do not wait for each other.
 */
export class ServerInserts {
  readonly #table: ServerTable;
  readonly #onStored: (rows: readonly NewRow[]) => void;
  readonly #gathered: Gatherer<NewRow, Outcome>;

  /** @param onStored told of what has been committed. */
  constructor(table: ServerTable, onStored: (rows: readonly NewRow[]) => void) {
    this.#table = table;
    this.#onStored = onStored;
    this.#gathered = new Gatherer((rows) => this.#store(rows));
  }

  /**
   * Stores rows and resolves with their ids.
   *
   * @throws MaybeSentError when the connection was lost before the answer; TransportError.
   */
  async insert(rows: readonly NewRow[]): Promise<readonly number[]> {
    const [only] = rows;
    const outcomes =
      only !== undefined && rows.length === 1
        ? [await this.#gathered.add(only)]
        : await Promise.all(rows.map((row) => this.#gathered.add(row)));
    return outcomes.map((outcome) => {
      if ('error' in outcome) {
        throw outcome.error;
      }
      return outcome.id;
    });
  }

  #store(rows: readonly NewRow[]): Promise<readonly Outcome[]> {
    return rows.length === 1 ? this.#storeSlice(rows) : this.#storeSlices(slicesOf(rows, lengthOf));
  }

  async #storeSlices(slices: ReadonlyArray<readonly NewRow[]>): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const slice of slices) {
      outcomes.push(...(await this.#storeSlice(slice)));
    }
    return outcomes;
  }

  async #storeSlice(rows: readonly NewRow[]): Promise<readonly Outcome[]> {
    const attempt = await this.#table.attempt((session, table) => table.insert(session, rows));
    if ('value' in attempt) {
      this.#onStored(rows);
      return attempt.value.map((id) => ({ id }));
    }
    if (attempt.fault === 'statement' && rows.length > 1) {
      // One message that cannot be stored shall not spoil the others.
      const middle = Math.ceil(rows.length / 2);
      const head = await this.#storeSlice(rows.slice(0, middle));
      return [...head, ...(await this.#storeSlice(rows.slice(middle)))];
    }
    const error = this.#errorOf(attempt);
    return rows.map(() => ({ error }));
  }

  #errorOf({ fault, error }: Extract<Attempt<unknown>, { readonly error: Error }>): Error {
    if (fault !== 'lost') {
      return error;
    }
    const { transportName, database } = this.#table;
    return new MaybeSentError(
      transportName,
      `the connection to ${database.description} was lost before it confirmed what was sent. It may have been stored, so it ` +
        'was not sent again.',
      { cause: error.cause ?? error },
    );
  }
}

function lengthOf({ body, headers }: NewRow): number {
  return body.length + headers.length;
}
