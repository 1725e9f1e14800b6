import { join } from 'node:path';
import {
  loadSqliteDriver,
  type SqliteDatabase,
  type SqliteStatement,
} from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import type {
  DispatchRow,
  FiredRow,
  HandlingRow,
  History,
  NoteRow,
  SettlementRow,
  StandstillRow,
} from './history.js';

/** How long to wait for others to write, in milliseconds: several processes, one after the other, may be stopped in the middle of it. */
const BUSY_MS = 60_000;

/** What the ledger adds to each row by itself. */
type Given<Row> = Omit<Row, 'n' | 'pid' | 'at'>;

/** A row as it is stored: what is particular to its list is JSON. */
interface StoredRow {
  readonly n: number;
  readonly list: keyof History;
  readonly details: string;
  readonly pid: number;
  readonly at: number;
}

/**
 * The account of one run that is independent of what it judges: a file of SQLite in which every process writes what it was told
 * and what it did, as it happens. A row that was written survives its process, and each has a number that tells which of two
 * came first, whoever wrote them.
 */
export class ChaosLedger {
  readonly #database: SqliteDatabase;
  readonly #insert: SqliteStatement;
  readonly #select: SqliteStatement;

  /** @param folder that of the run. */
  constructor(folder: string) {
    this.#database = loadSqliteDriver('ledger').open(join(folder, 'ledger.db'));
    this.#database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    this.#database.exec('PRAGMA journal_mode = WAL');
    // A killed process loses nothing by it, and the machine stays up.
    this.#database.exec('PRAGMA synchronous = OFF');
    this.#database.exec(`CREATE TABLE IF NOT EXISTS ledger (
      n INTEGER PRIMARY KEY AUTOINCREMENT, list TEXT NOT NULL, details TEXT NOT NULL, pid INTEGER NOT NULL, at INTEGER NOT NULL)`);
    this.#insert = this.#database.prepare('INSERT INTO ledger (list, details, pid, at) VALUES (?, ?, ?, ?)');
    this.#select = this.#database.prepare('SELECT n, list, details, pid, at FROM ledger ORDER BY n');
  }

  dispatch(row: Given<DispatchRow>): void {
    this.#write('dispatches', row);
  }

  handling(row: Given<HandlingRow>): void {
    this.#write('handlings', row);
  }

  settlement(row: Given<SettlementRow>): void {
    this.#write('settlements', row);
  }

  fire(row: Given<FiredRow>): void {
    this.#write('fired', row);
  }

  /** Until now. */
  standstill(row: Given<StandstillRow>): void {
    this.#write('standstills', row);
  }

  /** @param id of the message that it is about. @default none */
  note(what: string, id: string = ''): void {
    this.#write('notes', { what, id } satisfies Given<NoteRow>);
  }

  /** All that was written so far, by all processes. */
  read(): History {
    const history: Record<keyof History, object[]> = {
      dispatches: [],
      handlings: [],
      settlements: [],
      fired: [],
      notes: [],
      standstills: [],
    };
    for (const { n, list, details, pid, at } of this.#select.all() as readonly StoredRow[]) {
      history[list].push({ ...(JSON.parse(details) as object), n, pid, at });
    }
    return history as unknown as History;
  }

  close(): void {
    this.#database.close();
  }

  #write(list: keyof History, details: object): void {
    this.#insert.run(list, JSON.stringify(details), process.pid, Date.now());
  }
}
