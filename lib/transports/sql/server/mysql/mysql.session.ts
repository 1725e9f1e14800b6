import type { SqlResult } from '../../transactions/sql-connection.js';
import { IDLE_LIMIT_MS, type ServerSession } from '../server.pool.js';
import { packetsOf } from './mysql.packets.js';
import type { MysqlServer } from './mysql.server.js';

/** How long the server waits for the next statement of the session before it ends it, as is its default. */
export const UNLIMITED = 'SET SESSION wait_timeout = DEFAULT';

/** The same, with a limit in milliseconds. The server counts whole seconds. */
export function limitedTo(idleLimit: number): string {
  return `SET SESSION wait_timeout = ${Math.ceil(idleLimit / 1000)}`;
}

/** Sends statements in one packet. Resolves with an answer for each. */
export type SendPacket = (statements: readonly string[]) => Promise<readonly SqlResult[]>;

/** What a {@link MysqlSession} is made of. */
export interface MysqlSessionSetup {
  readonly server: MysqlServer;
  /** The driver's own connection. */
  readonly handle: object;
  readonly send: SendPacket;
  readonly format: (sql: string, params: readonly unknown[]) => string;
}

/** One connection to MySQL or MariaDB. Statements that need no answer of each other travel together. */
export class MysqlSession implements ServerSession {
  readonly server: MysqlServer;
  readonly handle: object;
  protected readonly setup: MysqlSessionSetup;

  constructor(setup: MysqlSessionSetup) {
    this.setup = setup;
    this.server = setup.server;
    this.handle = setup.handle;
  }

  async query(sql: string, params: readonly unknown[]): Promise<SqlResult> {
    const [result] = await this.send([params.length > 0 ? this.setup.format(sql, params) : sql]);
    return result as SqlResult;
  }

  /** Nothing is kept: statements are texts, so that several can travel together. */
  again(sql: string, params: readonly unknown[]): Promise<SqlResult> {
    return this.query(sql, params);
  }

  /**
   * Sends statements one after the other, in as few packets as hold them.
   *
   * @throws MysqlPacketError when one does not fit into a packet; none was sent then.
   */
  async send(statements: readonly string[]): Promise<readonly SqlResult[]> {
    const results: SqlResult[] = [];
    for (const packet of packetsOf(statements, this.server.maxPacket)) {
      results.push(...(await this.sendPacket(packet)));
    }
    return results;
  }

  /** The same in a transaction, unless there is one already. */
  async sendAtOnce(statements: readonly string[]): Promise<readonly SqlResult[]> {
    return statements.length > 1
      ? this.together((transaction) => transaction.commitWith(statements))
      : this.send(statements);
  }

  /** The transaction is open when `work` begins. */
  async transaction<T>(
    work: (transaction: MysqlTransaction) => Promise<T>,
    idleLimit = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    return this.together(async (transaction) => {
      await transaction.begin();
      return work(transaction);
    }, idleLimit);
  }

  /** Like {@link transaction}, but it begins with the first packet of statements and may end with the last. */
  async together<T>(
    work: (transaction: MysqlTransaction) => Promise<T>,
    idleLimit = IDLE_LIMIT_MS,
  ): Promise<T> {
    const transaction = new MysqlTransaction(this.setup, idleLimit);
    try {
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollBack();
      throw error;
    }
  }

  protected sendPacket(statements: readonly string[]): Promise<readonly SqlResult[]> {
    return this.setup.send(statements);
  }
}

/** A session in a transaction. Another one inside it is part of it. */
export class MysqlTransaction extends MysqlSession {
  readonly #idleLimit: number;
  #state: 'new' | 'open' | 'ended' = 'new';
  #isLimited = false;
  #depth = 0;

  /** @param idleLimit see {@link ServerSession.transaction}. One that is over with its first packet needs none. */
  constructor(setup: MysqlSessionSetup, idleLimit: number) {
    super(setup);
    this.#idleLimit = idleLimit;
  }

  override async together<T>(work: (transaction: MysqlTransaction) => Promise<T>): Promise<T> {
    this.#depth += 1;
    try {
      return await work(this);
    } finally {
      this.#depth -= 1;
    }
  }

  async begin(): Promise<void> {
    if (this.#state === 'new') {
      await this.sendPacket([]);
    }
  }

  /** Sends the last statements of the transaction and ends it with the last packet of them. */
  async commitWith(statements: readonly string[]): Promise<readonly SqlResult[]> {
    if (this.#depth > 0) {
      return this.send(statements);
    }
    const results = await this.send([...statements, 'COMMIT']);
    this.#state = 'ended';
    return results.slice(0, -1);
  }

  async commit(): Promise<void> {
    if (this.#state === 'open') {
      await this.sendPacket(['COMMIT']);
      this.#state = 'ended';
    }
  }

  /** Never rejects: if the connection is lost, the transaction is too, and the first error tells what went wrong. */
  async rollBack(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'ended';
      await this.sendPacket(['ROLLBACK']).catch(() => undefined);
    }
  }

  protected override async sendPacket(statements: readonly string[]): Promise<readonly SqlResult[]> {
    const isLast = statements.at(-1) === 'COMMIT' || statements.at(-1) === 'ROLLBACK';
    const before = this.#state === 'new' ? this.#beginning(isLast) : [];
    const after = isLast && this.#isLimited ? [UNLIMITED] : [];
    const results = await super.sendPacket([...before, ...statements, ...after]);
    return results.slice(before.length, before.length + statements.length);
  }

  #beginning(isLast: boolean): readonly string[] {
    this.#state = 'open';
    this.#isLimited = !isLast && this.#idleLimit < Number.POSITIVE_INFINITY;
    return this.#isLimited ? ['BEGIN', limitedTo(this.#idleLimit)] : ['BEGIN'];
  }
}
