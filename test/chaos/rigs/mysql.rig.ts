import { createConnection } from 'mysql2/promise';
import { MariaDbInstance } from '../../integration/mysql/support/mariadb-instance.js';
import { dropTable, openPool, sharedMysqlUrl } from '../../integration/mysql/support/shared-mysql.js';
import { FaultProxy } from '../../integration/redis/support/fault-proxy.js';
import { idsInText } from '../app/messages.js';
import { writeCertificate } from './certificate.js';
import type { ChaosRig, OwnBroker, RigKind, RigOptions } from './chaos-rig.js';
import { Disposal, queryString, uniqueName } from './naming.js';

const LEASE_S = 1;

/** A table on the shared server, or on one of its own. */
export const mysqlRig: RigKind = { transport: 'mysql', open };

async function open(options: RigOptions): Promise<ChaosRig> {
  const { ownBroker = false, proxied = false, tls = false, query: ofRig } = options;
  const disposal = new Disposal();
  const table = uniqueName();
  const server = ownBroker ? await MariaDbInstance.start({ tls }, disposal.add) : undefined;
  const direct = server === undefined ? sharedMysqlUrl() : new URL(server.dsn());
  const proxy = proxied
    ? await FaultProxy.start({ host: direct.hostname, port: Number(direct.port || 3306) })
    : undefined;
  if (proxy !== undefined) {
    disposal.add(() => proxy.close());
  }
  if (server === undefined) {
    disposal.add(() => drop(table));
  }
  return {
    transport: 'mysql',
    redeliveryMs: LEASE_S * 1000 + 1000,
    settlingMs: 0,
    answersSettlements: true,
    requeuesAtomically: true,
    proxy,
    broker: server && brokerOf(server),
    dsn(queue, query) {
      const url = new URL(direct);
      url.port = String(proxy?.port ?? direct.port);
      const common = { table_name: table, redeliver_timeout: LEASE_S, queue_name: queue };
      // The driver compares no addresses with certificates.
      const ofTls = { 'ssl-ca': server?.certificates?.caFile ?? '', 'ssl-mode': 'verify_ca' };
      url.search = queryString(common, tls ? ofTls : {}, ofRig, query);
      return url.href;
    },
    idsIn: (queue) => idsOf(direct, table, queue),
    dispose: () => disposal.run(),
  };
}

function brokerOf(server: MariaDbInstance): OwnBroker {
  return {
    stop: (how) => server.stop(how === 'crash' ? 'SIGKILL' : 'SIGTERM'),
    start: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    admit: (user, password) =>
      administer(server, [
        `CREATE USER IF NOT EXISTS '${user}'@'%'`,
        `GRANT ALL ON test.* TO '${user}'@'%'`,
        `ALTER USER '${user}'@'%' IDENTIFIED BY '${password}'`,
      ]),
    setFull: (isFull) => administer(server, [`SET GLOBAL read_only = ${isFull ? 1 : 0}`]),
    async certify(by) {
      await writeCertificate(server.certificates, by);
      await administer(server, ['FLUSH SSL']);
    },
  };
}

async function administer(server: MariaDbInstance, statements: readonly string[]): Promise<void> {
  const connection = await server.connect();
  try {
    for (const sql of statements) {
      await connection.query(sql);
    }
  } finally {
    await connection.end();
  }
}

async function drop(table: string): Promise<void> {
  const pool = openPool();
  await dropTable(pool, table).catch(() => undefined);
  await pool.end();
}

async function idsOf(url: URL, table: string, queue: string): Promise<readonly string[]> {
  const connection = await createConnection(`${url.protocol}//${url.username}@${url.host}${url.pathname}`);
  try {
    const [tables] = await connection.query('SHOW TABLES LIKE ?', [table.replaceAll('_', '\\_')]);
    if ((tables as readonly unknown[]).length === 0) {
      return [];
    }
    const [rows] = await connection.query(`SELECT body FROM \`${table}\` WHERE queue_name = ?`, [queue]);
    return (rows as unknown as ReadonlyArray<{ readonly body: unknown }>).flatMap(({ body }) =>
      idsInText(String(body)),
    );
  } finally {
    await connection.end();
  }
}
