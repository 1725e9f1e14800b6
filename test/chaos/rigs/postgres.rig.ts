import { Client } from 'pg';
import { PostgresInstance } from '../../integration/postgres/support/postgres-instance.js';
import {
  dropTable,
  openPool,
  sharedPostgresUrl,
} from '../../integration/postgres/support/shared-postgres.js';
import { FaultProxy } from '../../integration/redis/support/fault-proxy.js';
import { idsInText } from '../app/messages.js';
import { writeCertificate } from './certificate.js';
import type { ChaosRig, OwnBroker, RigKind, RigOptions } from './chaos-rig.js';
import { Disposal, queryString, uniqueName } from './naming.js';

const LEASE_S = 1;
const CHECK_DELAYED_MS = 500;

/** A table on the shared server, or on one of its own. */
export const postgresRig: RigKind = { transport: 'postgres', open };

async function open(options: RigOptions): Promise<ChaosRig> {
  const { ownBroker = false, proxied = false, tls = false, query: ofRig } = options;
  const disposal = new Disposal();
  const table = uniqueName();
  const server = ownBroker ? await startServer(disposal, tls) : undefined;
  const direct = server === undefined ? sharedPostgresUrl() : new URL(server.dsn());
  const proxy = proxied
    ? await FaultProxy.start({ host: direct.hostname, port: Number(direct.port || 5432) })
    : undefined;
  if (proxy !== undefined) {
    disposal.add(() => proxy.close());
  }
  if (server === undefined) {
    disposal.add(() => drop(table));
  }
  const common = {
    table_name: table,
    redeliver_timeout: LEASE_S,
    check_delayed_interval: CHECK_DELAYED_MS,
    ...(tls && { sslrootcert: server?.certificates?.caFile ?? '', sslmode: 'verify-full' }),
  };
  return {
    transport: 'postgres',
    redeliveryMs: LEASE_S * 1000 + 2 * CHECK_DELAYED_MS,
    settlingMs: 0,
    answersSettlements: true,
    requeuesAtomically: true,
    proxy,
    broker: server && brokerOf(server),
    dsn(queue, query) {
      const url = new URL(direct);
      url.port = String(proxy?.port ?? direct.port);
      url.search = queryString(common, { queue_name: queue }, ofRig, query);
      return url.href;
    },
    idsIn: (queue) => idsOf(direct, tls, table, queue),
    dispose: () => disposal.run(),
  };
}

async function startServer(disposal: Disposal, tls: boolean): Promise<PostgresInstance> {
  // It has to keep what it has confirmed when it is killed, though not when the machine fails.
  const server = await PostgresInstance.start({ tls });
  disposal.add(() => server.remove());
  return server;
}

function brokerOf(server: PostgresInstance): OwnBroker {
  return {
    stop: (how) => server.stop(how === 'crash' ? 'SIGQUIT' : 'SIGINT'),
    start: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    async admit(user, password) {
      await server.wantPasswordOf(user);
      await server.query(
        `DO $$ BEGIN CREATE ROLE "${user}" SUPERUSER LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
      );
      await server.query(`ALTER ROLE "${user}" PASSWORD '${password}'`);
    },
    async setFull(isFull) {
      await server.query(`ALTER SYSTEM SET default_transaction_read_only = ${isFull ? 'on' : 'off'}`);
      await server.query('SELECT pg_reload_conf()');
    },
    async certify(by) {
      await writeCertificate(server.certificates, by);
      await server.readCertificate();
    },
  };
}

async function drop(table: string): Promise<void> {
  const pool = openPool();
  await dropTable(pool, table).catch(() => undefined);
  await pool.end();
}

async function idsOf(url: URL, tls: boolean, table: string, queue: string): Promise<readonly string[]> {
  const client = new Client({
    connectionString: `${url.protocol}//${url.username}@${url.host}${url.pathname}`,
    ssl: tls && { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    const exists = await client.query('SELECT to_regclass($1) AS name', [`"${table}"`]);
    if ((exists.rows as ReadonlyArray<{ readonly name: unknown }>)[0]?.name === null) {
      return [];
    }
    const { rows } = await client.query(`SELECT body FROM "${table}" WHERE queue_name = $1`, [queue]);
    return (rows as ReadonlyArray<{ readonly body: unknown }>).flatMap(({ body }) => idsInText(String(body)));
  } finally {
    await client.end();
  }
}
