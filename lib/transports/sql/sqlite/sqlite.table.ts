import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TransportError } from '../../../errors/transport.error.js';
import type { Finding } from '../../../transport/finding.js';
import type { SqlTable } from '../sql.queue.js';
import type { SqliteConnection } from './sqlite.connection.js';
import type { SqliteDatabase } from './sqlite.driver.js';
import { toTransportError } from './sqlite.errors.js';
import { sqliteFindings } from './sqlite.findings.js';
import { assertNotWithin, OpenSqliteTable } from './sqlite.open-table.js';
import type { ResolvedSqliteOptions } from './sqlite.options.js';
import { setupScript, SqliteSchema } from './sqlite.schema.js';
import { prepareStatements } from './sqlite.statements.js';

/** The table of a transport: opened, and created or upgraded, on first use. */
export class SqliteTable implements SqlTable {
  readonly connection: SqliteConnection;
  readonly name: string;
  readonly #transportName: string;
  readonly #autoSetup: boolean;
  #opened: OpenSqliteTable | undefined;
  #opening: Promise<OpenSqliteTable> | undefined;
  #closed = false;

  constructor(connection: SqliteConnection, transportName: string, options: ResolvedSqliteOptions) {
    this.connection = connection;
    this.name = options.tableName;
    this.#transportName = transportName;
    this.#autoSetup = options.autoSetup;
  }

  /**
   * The table, opened now if it is not open yet.
   *
   * @throws TransportError when it cannot be, or was closed.
   */
  async open(): Promise<OpenSqliteTable> {
    if (this.#closed) {
      throw new TransportError(this.#transportName, 'it is closed.');
    }
    if (this.#opened !== undefined) {
      return this.#opened;
    }
    this.#opening ??= this.#guarded(() => this.#open());
    try {
      this.#opened = await this.#opening;
      return this.#opened;
    } finally {
      this.#opening = undefined;
    }
  }

  async diagnose(): Promise<readonly Finding[]> {
    const { file, synchronous } = this.connection;
    return this.#guarded(async () => {
      // To open a file that is not there would create it.
      if (existsSync(file)) {
        await this.connection.open(this.#transportName);
      }
      return sqliteFindings(file, synchronous);
    });
  }

  async setup(): Promise<void> {
    await this.#guarded(async () => {
      const { database } = await this.connection.open(this.#transportName);
      await this.#migrate(this.#schema(database));
    });
  }

  setupSql(): readonly string[] {
    return setupScript(this.name);
  }

  async ping(): Promise<void> {
    const table = await this.open();
    table.read(({ readSignal }) => readSignal.get(''));
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Calls that wait for the table to be opened get to hand in their writes first.
    await this.#opening?.catch(() => undefined);
    await nextTurn();
    await this.#guarded(() => this.connection.leave());
  }

  async #open(): Promise<OpenSqliteTable> {
    const session = await this.connection.open(this.#transportName);
    const schema = this.#schema(session.database);
    if (this.#autoSetup) {
      await this.#migrate(schema);
    } else {
      schema.verify();
    }
    const statements = prepareStatements(session.database, this.name);
    return new OpenSqliteTable(session, statements, this.#transportName, this.connection);
  }

  async #migrate(schema: SqliteSchema): Promise<void> {
    if (!schema.isCurrent) {
      const { lock, busyTimeout } = this.connection;
      assertNotWithin(lock, this.#transportName);
      while (lock.isHeld) {
        await lock.released(busyTimeout);
      }
      schema.migrate();
    }
  }

  #schema(database: SqliteDatabase): SqliteSchema {
    return new SqliteSchema(database, this.name, this.#transportName);
  }

  async #guarded<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      throw toTransportError(this.#transportName, this.connection.file, error);
    }
  }
}
