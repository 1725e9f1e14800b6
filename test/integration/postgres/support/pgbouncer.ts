import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../redis/support/free-port.js';
import { Watchdog } from '../../redis/support/watchdog.js';
import { serverFolder } from './programs.js';
import { ServerProcess } from './server-process.js';
import { sharedPostgresUrl } from './shared-postgres.js';

/** A PgBouncer before the shared server, in transaction mode. It dies with this process. */
export class PgBouncer {
  readonly #process: ServerProcess;
  readonly #watchdog: Watchdog;

  private constructor(
    readonly port: number,
    process: ServerProcess,
    watchdog: Watchdog,
  ) {
    this.#process = process;
    this.#watchdog = watchdog;
  }

  static async start(): Promise<PgBouncer> {
    const { hostname, port: serverPort, username, pathname } = sharedPostgresUrl();
    const folder = serverFolder('messenger-pgbouncer-');
    const port = await freePort();
    const config = `[databases]
test = host=${hostname} port=${serverPort || 5432} dbname=${pathname.slice(1)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${folder}/users.txt
pool_mode = transaction
max_client_conn = 200
default_pool_size = 4
server_idle_timeout = 5
`;
    writeFileSync(join(folder, 'users.txt'), `"${username}" ""\n`);
    writeFileSync(join(folder, 'pgbouncer.ini'), config);
    const program = existsSync('/usr/sbin/pgbouncer') ? '/usr/sbin/pgbouncer' : 'pgbouncer';
    const watchdog = new Watchdog(folder);
    const process = await ServerProcess.start(program, [join(folder, 'pgbouncer.ini')], port);
    watchdog.watch(process.pid);
    return new PgBouncer(port, process, watchdog);
  }

  /** A DSN that leads through it to the shared database. */
  dsn(query: Readonly<Record<string, string>>): string {
    return `postgres://${sharedPostgresUrl().username}@127.0.0.1:${this.port}/test?${new URLSearchParams(query)}`;
  }

  async remove(): Promise<void> {
    await this.#process.stop('SIGINT');
    this.#watchdog.watch(undefined);
    await this.#watchdog.finish();
  }
}
