import type { PgConnection, PgNamedStatement, PgQuery } from './postgres.driver.js';

/** What needs nothing but its text to be sent. */
export type SimpleParam = string | number | null;

/** Told once how a {@link NumberQuery} ended, as the callback of any query of `pg` is. */
export type NumberCallback = (error: unknown, result?: { readonly rows: readonly [number] }) => void;

/**
 * A prepared statement that answers with one number. What `pg` sends for any statement asks each time how the columns of the answer
 * are described, which for an INSERT with an id to return is a fifteenth of its time; here they are known.
 *
 * Its parts are named as those of `pg`'s own queries: `pg` notes by `name` and `text` what the connection has prepared, and who
 * watches queries from outside replaces `callback`.
 */
export class NumberQuery implements PgQuery {
  readonly name: string;
  readonly text: string;
  callback: NumberCallback;
  readonly #values: ReadonlyArray<string | null>;
  #number: number | undefined;
  #hasEnded = false;

  constructor({ name, text }: PgNamedStatement, params: readonly SimpleParam[], callback: NumberCallback) {
    this.name = name;
    this.text = text;
    this.callback = callback;
    this.#values = params.map((param) => (param === null ? null : String(param)));
  }

  submit(connection: PgConnection): null {
    const { name, text } = this;
    connection.stream.cork();
    try {
      if (connection.parsedStatements[name] === undefined) {
        connection.parse({ name, text, types: [] });
      }
      connection.bind({ portal: '', statement: name, values: this.#values });
      connection.execute({ portal: '', rows: 0 });
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    return null;
  }

  handleRowDescription(): void {
    // Not asked for.
  }

  handleDataRow({ fields: [value] }: { readonly fields: ReadonlyArray<string | null> }): void {
    this.#number = value === undefined || value === null ? undefined : Number(value);
  }

  handleCommandComplete(): void {
    // It is committed; what counts is that the connection is ready for the next.
  }

  handleReadyForQuery(): void {
    if (this.#number === undefined) {
      this.handleError(new Error('the statement has answered with nothing'));
    } else if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.callback(null, { rows: [this.#number] });
    }
  }

  handleError(error: unknown): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.callback(error);
    }
  }
}
