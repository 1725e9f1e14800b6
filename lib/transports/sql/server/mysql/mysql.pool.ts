import type { ServerPool, ServerSession } from '../server.pool.js';
import { MysqlLink } from './mysql.connection.js';
import type { MysqlDriver } from './mysql.driver.js';
import type { MysqlEndpoint } from './mysql.endpoint.js';
import type { MysqlServer } from './mysql.server.js';
import { MysqlSession } from './mysql.session.js';

/** Lends connections to MySQL or MariaDB, the one that came back last first. */
export class MysqlPool implements ServerPool {
  readonly #driver: MysqlDriver;
  readonly #endpoint: MysqlEndpoint;
  readonly #regard: (server: MysqlServer) => MysqlServer;
  readonly #idle: MysqlLink[] = [];
  /** Those who wait for a connection, told when they may take or make one. */
  readonly #waiting: Array<() => void> = [];
  /** Connections that exist or are being made. */
  #count = 0;
  #isClosed = false;

  /** @param regard says how a server is to be regarded. */
  constructor(
    driver: MysqlDriver,
    endpoint: MysqlEndpoint,
    regard: (server: MysqlServer) => MysqlServer = (server) => server,
  ) {
    this.#driver = driver;
    this.#endpoint = endpoint;
    this.#regard = regard;
  }

  async lend<T>(work: (session: ServerSession) => Promise<T>): Promise<T> {
    const link = await this.#take();
    try {
      const { handle } = link;
      const server = this.#regard(link.server);
      const { format } = this.#driver;
      return await work(
        new MysqlSession({ server, handle, send: (statements) => link.send(statements), format }),
      );
    } finally {
      await this.#giveBack(link);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const idle = this.#idle.splice(0);
    this.#count -= idle.length;
    await Promise.all(idle.map((link) => link.end()));
  }

  async #take(): Promise<MysqlLink> {
    for (;;) {
      const link = this.#idle.pop();
      if (link !== undefined) {
        return link;
      }
      if (this.#count < this.#endpoint.poolSize) {
        return this.#make();
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #make(): Promise<MysqlLink> {
    this.#count += 1;
    try {
      return await MysqlLink.open(this.#driver, this.#endpoint, (link) => this.#forget(link));
    } catch (error) {
      this.#leaveRoom();
      throw error;
    }
  }

  async #giveBack(link: MysqlLink): Promise<void> {
    if (link.isBroken) {
      link.destroy();
      this.#leaveRoom();
      return;
    }
    if (this.#isClosed) {
      this.#leaveRoom();
      await link.end();
      return;
    }
    this.#idle.push(link);
    this.#waiting.shift()?.();
  }

  /** A connection that nobody uses was lost. */
  #forget(link: MysqlLink): void {
    const index = this.#idle.indexOf(link);
    if (index !== -1) {
      this.#idle.splice(index, 1);
      link.destroy();
      this.#leaveRoom();
    }
  }

  #leaveRoom(): void {
    this.#count -= 1;
    this.#waiting.shift()?.();
  }
}
