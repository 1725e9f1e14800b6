import { setImmediate as nextTurn } from 'node:timers/promises';
import { TransportError } from '../../errors/transport.error.js';
import type { SqliteConnection } from './sqlite.connection.js';
import type { SqliteDatabase } from './sqlite.driver.js';
import { toTransportError } from './sqlite.errors.js';
import type { ResolvedSqliteOptions } from './sqlite.options.js';
import { SqliteSchema } from './sqlite.schema.js';
import { MAX_ROWS, prepareStatements, type SqliteStatements } from './sqlite.statements.js';
import type { WriteOperation } from './sqlite.transactions.js';

/**
 * A transport's access to its table: opens and prepares it on first use, and turns what the driver throws into a
 * TransportError that names the transport.
 */
export class SqliteTable {
  readonly connection: SqliteConnection;
  readonly name: string;
  readonly #transportName: string;
  readonly #autoSetup: boolean;
  #statements: SqliteStatements | undefined;
  #preparing: Promise<SqliteStatements> | undefined;
  #closed = false;

  constructor(connection: SqliteConnection, transportName: string, options: ResolvedSqliteOptions) {
    this.connection = connection;
    this.name = options.tableName;
    this.#transportName = transportName;
    this.#autoSetup = options.autoSetup;
  }

  /** Creates or upgrades the table, whatever `auto_setup` says. */
  async setup(): Promise<void> {
    await this.#guarded(async () => this.#schema(await this.#open()).migrate());
  }

  /** The statements on the table, prepared on first use. */
  async ready(): Promise<SqliteStatements> {
    if (this.#closed) {
      throw new TransportError(this.#transportName, 'it is closed.');
    }
    if (this.#statements !== undefined) {
      return this.#statements;
    }
    this.#preparing ??= this.#prepare();
    try {
      this.#statements = await this.#preparing;
      return this.#statements;
    } finally {
      this.#preparing = undefined;
    }
  }

  async read<Row>(query: (statements: SqliteStatements) => unknown): Promise<Row> {
    await this.ready();
    return this.readNow(query);
  }

  /** As {@link read}, of a table that is {@link ready}. */
  readNow<Row>(query: (statements: SqliteStatements) => unknown): Row {
    if (this.#statements === undefined) {
      throw new TransportError(
        this.#transportName,
        `the table "${this.name}" was not opened before it was read.`,
      );
    }
    try {
      return query(this.#statements) as Row;
    } catch (error) {
      throw toTransportError(this.#transportName, this.connection.file, error);
    }
  }

  /** Makes one change, in a transaction it may share with others. */
  write<Result>(operation: WriteOperation<Result>): Promise<Result> {
    return this.#guarded(() => this.connection.write(operation));
  }

  /**
   * Makes a change to each item, in transactions of at most {@link MAX_ROWS} items.
   *
   * @param statementsEach how many statements one change consists of.
   */
  async writeEach<Item, Result>(
    items: readonly Item[],
    change: (item: Item) => Result,
    statementsEach = 1,
  ): Promise<readonly Result[]> {
    if (items.length > MAX_ROWS) {
      const [head, rest] = await Promise.all([
        this.writeEach(items.slice(0, MAX_ROWS), change, statementsEach),
        this.writeEach(items.slice(MAX_ROWS), change, statementsEach),
      ]);
      return [...head, ...rest];
    }
    const isOneStatement = items.length * statementsEach === 1;
    return this.write({ rows: items.length, isOneStatement, run: () => items.map(change) });
  }

  /** Leaves the connection once everything asked for before is done. */
  async close(): Promise<void> {
    this.#closed = true;
    // Calls that wait for the table to be opened get to hand in their writes first.
    await this.#preparing?.catch(() => undefined);
    await nextTurn();
    await this.#guarded(() => this.connection.leave());
  }

  async #prepare(): Promise<SqliteStatements> {
    return this.#guarded(async () => {
      const database = await this.#open();
      const schema = this.#schema(database);
      if (this.#autoSetup) {
        schema.migrate();
      } else {
        schema.verify();
      }
      return prepareStatements(database, this.name);
    });
  }

  #open(): Promise<SqliteDatabase> {
    return this.connection.open(this.#transportName);
  }

  #schema(database: SqliteDatabase): SqliteSchema {
    return new SqliteSchema(database, this.name, this.#transportName);
  }

  async #guarded<Result>(action: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      throw toTransportError(this.#transportName, this.connection.file, error);
    }
  }
}
