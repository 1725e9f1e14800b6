import type { Clock } from '../../../envelope/clock.js';
import { InvalidOptionError } from '../../../errors/invalid-option.error.js';
import type { SqlPlace } from '../sql.transport.js';
import { FileWatch } from './file-watch.js';
import { SqliteArrivals } from './sqlite.arrivals.js';
import { loadSqliteDriver, type SqliteDatabase } from './sqlite.driver.js';
import { toTransportError } from './sqlite.errors.js';
import { SqliteFileLock } from './sqlite.file-lock.js';
import { SqliteLastingTransactions } from './sqlite.lasting-transactions.js';
import { openSqlite } from './sqlite.open.js';
import { IN_MEMORY, type SqliteConnectionOptions } from './sqlite.options.js';
import { SqliteSession } from './sqlite.session.js';

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
 * last of them leaves.
 */
export class SqliteConnection implements SqlPlace {
  readonly file: string;
  readonly clock: Clock;
  readonly arrivals: SqliteArrivals;
  /** Who holds it has a transaction open on the file. */
  readonly lock = new SqliteFileLock();
  readonly #setup: SqliteConnectionSetup;
  #options: SqliteConnectionOptions = {};
  #session: Promise<SqliteSession> | undefined;
  #lasting: SqliteLastingTransactions | undefined;
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
  }

  /**
   * Adds a transport to those that use the connection.
   *
   * @throws InvalidOptionError when it wants the connection other than a transport before it did.
   * @throws MissingDriverError when no driver is installed; TransportError when one is, but cannot be loaded.
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

  get description(): string {
    return `"${this.file}"`;
  }

  /** Takes a transport away. With the last one the file is closed. Changes that were asked for are made before. */
  async leave(): Promise<void> {
    this.#users--;
    const session = await this.#session?.catch(() => undefined);
    await session?.drained();
    if (this.#users > 0) {
      return;
    }
    this.#setup.onClosed();
    this.arrivals.close();
    await this.#lasting?.close();
    session?.close();
  }

  /**
   * The open database, opened now if it is not open yet.
   *
   * @param transportName named in errors.
   * @throws TransportError when the file cannot be used as it must be; otherwise the driver's own error.
   */
  async open(transportName: string): Promise<SqliteSession> {
    this.#session ??= this.#open(transportName);
    try {
      return await this.#session;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }

  /**
   * Runs `work` in a transaction, on a connection of its own if the file can have two. Only one runs at a time, and what the
   * transports have to write waits for it.
   *
   * @throws TransportError for what the file or the driver does wrong; otherwise what `work` throws.
   */
  transact<T>(transportName: string, work: (database: SqliteDatabase) => Promise<T>): Promise<T> {
    this.#lasting ??= new SqliteLastingTransactions({
      lock: this.lock,
      open: () => this.#openSecond(transportName),
    });
    const translate = (error: unknown): Error => toTransportError(transportName, this.file, error);
    return this.#lasting.run(work, this.busyTimeout, translate);
  }

  /** When a commit is written through to the disk. */
  get synchronous(): 'normal' | 'full' {
    return this.#options.synchronous ?? DEFAULTS.synchronous;
  }

  /** Milliseconds. */
  get busyTimeout(): number {
    return this.#options.busyTimeout ?? DEFAULTS.busyTimeout;
  }

  /** A token for one claim, which no other claim on the file has. */
  newOwner(): string {
    return `${this.#setup.consumer}/${++this.#claims}`;
  }

  async #open(transportName: string): Promise<SqliteSession> {
    const database = await this.#openDatabase(transportName);
    return new SqliteSession(database, this.lock, this.busyTimeout);
  }

  async #openDatabase(transportName: string): Promise<SqliteDatabase> {
    const driver = loadSqliteDriver(transportName, this.#options.driver);
    const options = { ...DEFAULTS, driver: driver.name, ...this.#options };
    this.#options = options;
    return openSqlite(transportName, driver, { ...options, file: this.file });
  }

  async #openSecond(transportName: string): Promise<{ database: SqliteDatabase; isOwn: boolean }> {
    if (this.file === IN_MEMORY) {
      return { database: (await this.open(transportName)).database, isOwn: false };
    }
    const database = await this.#openDatabase(transportName);
    // Whoever waits for another process on it does so without blocking this one.
    database.exec('PRAGMA busy_timeout = 0');
    return { database, isOwn: true };
  }
}
