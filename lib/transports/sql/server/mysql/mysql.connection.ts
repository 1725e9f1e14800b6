import { resultOfMysql } from '../../transactions/driver-results.js';
import type { SqlResult } from '../../transactions/sql-connection.js';
import type { MysqlAnswer, MysqlConnection, MysqlDriver } from './mysql.driver.js';
import type { MysqlEndpoint } from './mysql.endpoint.js';
import { endsConnection } from './mysql.errors.js';
import { SEPARATOR } from './mysql.packets.js';
import { readServer, SERVER_SQL, type MysqlServer } from './mysql.server.js';

/**
 * Makes a session independent of how the server is set up. READ COMMITTED locks no gaps between rows, where others insert. A
 * backslash escapes in texts, as the driver writes them, and double quotes are not names.
 */
const SESSION_SQL = [
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, sql_safe_updates = 0, sql_select_limit = DEFAULT",
  'SET NAMES utf8mb4',
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

/** One connection of our own to MySQL or MariaDB. */
export class MysqlLink {
  readonly #connection: MysqlConnection;
  readonly #patience: number;
  #server: MysqlServer | undefined;
  #isBroken = false;

  /** @param onBroken called once it cannot be used anymore, while in use or not. */
  private constructor(connection: MysqlConnection, patience: number, onBroken: (link: MysqlLink) => void) {
    this.#connection = connection;
    this.#patience = patience;
    const breakOff = (): void => {
      this.#isBroken = true;
      onBroken(this);
    };
    // Without a listener, the loss of a connection that nobody uses would end the process.
    connection.on('error', breakOff);
    connection.on('end', breakOff);
  }

  /**
   * Connects, and prepares the session.
   *
   * @throws the driver's error; MysqlVersionError.
   */
  static async open(
    driver: MysqlDriver,
    { config, queryTimeout }: MysqlEndpoint,
    onBroken: (link: MysqlLink) => void,
  ): Promise<MysqlLink> {
    const connection = driver.createConnection({ ...config });
    const link = new MysqlLink(connection, queryTimeout, onBroken);
    try {
      await connected(connection);
      const results = await link.send([...SESSION_SQL, SERVER_SQL]);
      link.#server = readServer(results.at(-1)?.rows[0] ?? {});
      return link;
    } catch (error) {
      link.destroy();
      throw error;
    }
  }

  /** The driver's own connection. */
  get handle(): object {
    return this.#connection;
  }

  get server(): MysqlServer {
    return this.#server as MysqlServer;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Sends statements in one packet. Resolves with an answer for each. */
  async send(statements: readonly string[]): Promise<readonly SqlResult[]> {
    try {
      const answer = await this.#ask(statements.join(SEPARATOR));
      const answers = statements.length === 1 ? [answer as MysqlAnswer] : (answer as readonly MysqlAnswer[]);
      return answers.map(resultOfMysql);
    } catch (error) {
      this.#isBroken ||= endsConnection(error);
      throw withoutStatement(error);
    }
  }

  /** Ends it in good order. Never rejects. */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#isBroken) {
        this.destroy();
        resolve();
        return;
      }
      const timer = setTimeout(() => (this.destroy(), resolve()), this.#patience);
      this.#connection.end(() => (clearTimeout(timer), this.destroy(), resolve()));
    });
  }

  /** Ends it at once. */
  destroy(): void {
    this.#isBroken = true;
    this.#connection.destroy();
    // The driver waits for a goodbye, which a server that is out of reach never says.
    this.#connection.stream?.destroy();
  }

  #ask(sql: string): Promise<MysqlAnswer | readonly MysqlAnswer[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`it has been silent for ${this.#patience} ms`));
        this.destroy();
      }, this.#patience);
      this.#connection.query(sql, (error, answer) => {
        clearTimeout(timer);
        if (error === null) {
          resolve(answer);
        } else {
          reject(error);
        }
      });
    });
  }
}

function connected(connection: MysqlConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on('connect', resolve);
    connection.on('error', reject);
    connection.on('end', () => reject(new Error('it has closed the connection')));
  });
}

/** The driver keeps the statement in its error, and with it all messages: whoever logs the error would log them too. */
function withoutStatement(error: unknown): unknown {
  if (typeof error === 'object' && error !== null && 'sql' in error) {
    Reflect.deleteProperty(error, 'sql');
  }
  return error;
}
