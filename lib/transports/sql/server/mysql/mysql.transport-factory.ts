import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Dsn } from '../../../../transport/dsn.js';
import type { TransportContext, TransportFactory } from '../../../../transport/transport-factory.js';
import type { SqlTransport } from '../../sql.transport.js';
import { ServerDatabase } from '../server.database.js';
import { createServerTransport } from '../server.transport.js';
import { ClaimStarts } from './mysql.claim-starts.js';
import { mysqlDialect } from './mysql.dialect.js';
import { loadMysqlDriver } from './mysql.driver.js';
import { MYSQL_SCHEMES } from './mysql.dsn.js';
import type { MysqlEndpoint } from './mysql.endpoint.js';
import { resolveMysqlOptions } from './mysql.options.js';
import { MysqlPool } from './mysql.pool.js';
import type { MysqlServer } from './mysql.server.js';

/** What a test may put in the place of the machine. */
export interface MysqlTransportFactorySetup {
  /** Names this process in the claims it makes; no other process on the database may have it. @default `host:pid:random` */
  readonly consumer?: string;
  /** Whether servers are regarded as MySQL, which can do less than MariaDB. @default what they are */
  readonly isMysql?: boolean;
  /** For how long claims begin where the one before has ended, in milliseconds. @default 500 */
  readonly trustStartsFor?: number;
}

/** Makes transports for `mysql:` and `mariadb:` DSNs. Those on one database share connections. */
export class MysqlTransportFactory implements TransportFactory {
  readonly schemes: readonly string[] = MYSQL_SCHEMES;
  readonly #consumer: string;
  readonly #regard: (server: MysqlServer) => MysqlServer;
  readonly #trustStartsFor: number | undefined;
  readonly #databases = new Map<string, ServerDatabase>();

  constructor({
    consumer = newConsumer(),
    isMysql = false,
    trustStartsFor,
  }: MysqlTransportFactorySetup = {}) {
    this.#trustStartsFor = trustStartsFor;
    this.#consumer = consumer;
    this.#regard = (server) => (isMysql ? { ...server, isMariaDb: false } : server);
  }

  /**
   * @throws InvalidDsnError, UnknownOptionError, InvalidOptionError for what is wrong in the DSN or the options.
   * @throws MissingDriverError when mysql2 is not installed.
   */
  create(dsn: Dsn, options: Readonly<Record<string, unknown>>, context: TransportContext): SqlTransport {
    const resolved = resolveMysqlOptions(context.transportName, dsn, options);
    // Nothing announces messages, so there is one interval only.
    const serverOptions = { ...resolved, checkDelayedInterval: resolved.pollInterval };
    const database = this.#databaseFor(resolved.endpoint, context.transportName);
    return createServerTransport(database, serverOptions, context);
  }

  #databaseFor(endpoint: MysqlEndpoint, transportName: string): ServerDatabase {
    const key = JSON.stringify(endpoint);
    const known = this.#databases.get(key);
    if (known !== undefined) {
      return known;
    }
    const driver = loadMysqlDriver(transportName);
    const { description, location } = endpoint;
    const database = new ServerDatabase({
      dialect: mysqlDialect(driver, () => new ClaimStarts(this.#trustStartsFor)),
      pool: new MysqlPool(driver, endpoint, this.#regard),
      transactions: new MysqlPool(driver, endpoint, this.#regard),
      description,
      location,
      notices: undefined,
      consumer: this.#consumer,
      onClosed: () => void this.#databases.delete(key),
    });
    this.#databases.set(key, database);
    return database;
  }
}

function newConsumer(): string {
  return `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`;
}
