import type { Clock } from '../../envelope/clock.js';
import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { Gatherer } from '../../transport/gatherer.js';
import { FileWatch } from './file-watch.js';
import { SqliteArrivals } from './sqlite.arrivals.js';
import { loadSqliteDriver, type SqliteDatabase } from './sqlite.driver.js';
import { closeSqlite, openSqlite } from './sqlite.open.js';
import { IN_MEMORY, type SqliteConnectionOptions } from './sqlite.options.js';
import { SqliteTransactions, type WriteOperation, type WriteOutcome } from './sqlite.transactions.js';

const DEFAULTS = { busyTimeout: 5000, synchronous: 'normal' } as const;

/** What a {@link SqliteConnection} is made of. */
export interface SqliteConnectionSetup {
  /** Absolute path, or `:memory:`. */
  readonly file: string;
  readonly clock: Clock;
  /** Unlike that of any other connection, in this process and in others. */
  readonly consumer: string;
  /** Called once the last transport has left. */
  readonly onClosed: () => void;
}

/**
 * The one connection of an application to a file, shared by the transports on it: opened on first use, closed when the
 * last of them leaves. All changes go through {@link write}, which gathers those of one turn into one transaction.
 */
export class SqliteConnection {
  readonly file: string;
  readonly clock: Clock;
  readonly arrivals: SqliteArrivals;
  readonly #setup: SqliteConnectionSetup;
  readonly #writes: Gatherer<WriteOperation<unknown>, WriteOutcome>;
  #options: SqliteConnectionOptions = {};
  #opening: Promise<SqliteDatabase> | undefined;
  #transactions: SqliteTransactions | undefined;
  #users = 0;
  #claims = 0;

  constructor(setup: SqliteConnectionSetup) {
    this.#setup = setup;
    this.file = setup.file;
    this.clock = setup.clock;
    this.arrivals = new SqliteArrivals(
      setup.clock,
      setup.file === IN_MEMORY ? undefined : (onChange) => new FileWatch(`${setup.file}-wal`, onChange),
    );
    this.#writes = new Gatherer((operations) => this.#commit(operations));
  }

  /**
   * Adds a transport to those that use the connection.
   *
   * @throws InvalidOptionError when it wants the connection other than a transport before it did.
   * @throws MissingDriverError when no driver is installed.
   */
  join(transportName: string, wanted: SqliteConnectionOptions): void {
    let options = this.#options;
    for (const key of ['busyTimeout', 'synchronous', 'driver'] as const) {
      const value = wanted[key];
      const agreed = options[key];
      if (value !== undefined && value !== (agreed ?? value)) {
        const reason = `is "${value}", but "${agreed}" for another transport on "${this.file}", and they share a connection`;
        throw new InvalidOptionError(`Transport "${transportName}"`, key, reason);
      }
      options = value === undefined ? options : { ...options, [key]: value };
    }
    // Loaded now, so that a missing driver is reported when the application boots.
    loadSqliteDriver(transportName, options.driver);
    this.#options = options;
    this.#users++;
  }

  /** Takes a transport away. With the last one the file is closed. Changes that were asked for are made before. */
  async leave(): Promise<void> {
    this.#users--;
    await this.#writes.drained();
    if (this.#users > 0) {
      return;
    }
    this.#setup.onClosed();
    this.arrivals.close();
    const database = await this.#opening?.catch(() => undefined);
    if (database !== undefined) {
      closeSqlite(database);
    }
  }

  /**
   * The database, opened if it is not open yet.
   *
   * @param transportName named in errors.
   * @throws TransportError when the file cannot be used as it must be; otherwise the driver's own error.
   */
  async open(transportName: string): Promise<SqliteDatabase> {
    this.#opening ??= this.#open(transportName);
    try {
      return await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  /** A token for one claim, which no other claim on the file has. */
  newOwner(): string {
    return `${this.#setup.consumer}/${++this.#claims}`;
  }

  /** Makes a change together with those of other callers; only once it is open. @throws the driver's own error. */
  async write<Result>(operation: WriteOperation<Result>): Promise<Result> {
    const outcome = await this.#writes.add(operation);
    if ('error' in outcome) {
      throw outcome.error;
    }
    return outcome.value as Result;
  }

  #commit(
    operations: ReadonlyArray<WriteOperation<unknown>>,
  ): readonly WriteOutcome[] | Promise<readonly WriteOutcome[]> {
    if (this.#transactions === undefined) {
      throw new RangeError('a write needs an open connection');
    }
    return this.#transactions.run(operations);
  }

  async #open(transportName: string): Promise<SqliteDatabase> {
    const driver = loadSqliteDriver(transportName, this.#options.driver);
    const options = { ...DEFAULTS, driver: driver.name, ...this.#options };
    this.#options = options;
    const database = await openSqlite(transportName, driver, { ...options, file: this.file });
    this.#transactions = new SqliteTransactions(database);
    return database;
  }
}
