import { execFile } from 'node:child_process';
import { chownSync, copyFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type Certificates, makeCertificates } from '../../redis/support/certificates.js';
import { eventually } from '../../redis/support/eventually.js';
import { freePort } from '../../redis/support/free-port.js';
import { Watchdog } from '../../redis/support/watchdog.js';
import { postgresProgram, serverFolder, serverUser } from './programs.js';
import { ServerProcess } from './server-process.js';

const run = promisify(execFile);

/** How a server is set up. */
export interface InstanceOptions {
  /** Settings, as in `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** With certificates of an authority of its own; clients without TLS are refused. */
  readonly tls?: boolean;
}

/** A PostgreSQL server on a port and in a folder of its own, both of which outlive a restart. It dies with this process. */
export class PostgresInstance {
  readonly #watchdog: Watchdog;
  #process: ServerProcess | undefined;

  private constructor(
    readonly folder: string,
    readonly port: number,
    readonly certificates: Certificates | undefined,
  ) {
    this.#watchdog = new Watchdog(folder);
  }

  /** Resolves when the server takes statements. */
  static async start({ settings = {}, tls = false }: InstanceOptions = {}): Promise<PostgresInstance> {
    const folder = serverFolder('messenger-postgres-');
    const data = join(folder, 'data');
    const args = ['-D', data, '-U', 'root', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    await run(postgresProgram('initdb'), args, { ...serverUser() });
    const port = await freePort();
    const certificates = tls ? await makeCertificates(folder) : undefined;
    const all = {
      port,
      listen_addresses: "'127.0.0.1'",
      unix_socket_directories: `'${folder}'`,
      fsync: 'off',
      shared_buffers: "'16MB'",
      ...(certificates !== undefined && {
        ssl: 'on',
        ssl_cert_file: "'cert.pem'",
        ssl_key_file: "'key.pem'",
      }),
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
    writeFileSync(join(data, 'postgresql.conf'), `${lines.join('\n')}\n`);
    if (certificates !== undefined) {
      giveCertificate(data, certificates);
      writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhostssl all all 127.0.0.1/32 trust\n');
    }
    const instance = new PostgresInstance(folder, port, certificates);
    await instance.restart();
    return instance;
  }

  /** A DSN on its database `postgres`. */
  dsn(query: Readonly<Record<string, string>> = {}): string {
    return `postgres://root@127.0.0.1:${this.port}/postgres?${new URLSearchParams(query).toString()}`;
  }

  /** Runs one statement on a connection of its own. */
  async query(sql: string): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>> {
    const client = new Client({ host: this.folder, port: this.port, user: 'root', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** From now on this user has to know its password. */
  async wantPasswordOf(user: string): Promise<void> {
    const file = join(this.folder, 'data', 'pg_hba.conf');
    const line = `host all ${user} 127.0.0.1/32 scram-sha-256\n`;
    const lines = readFileSync(file, 'utf8');
    if (!lines.includes(line)) {
      writeFileSync(file, `${line}${lines}`);
      await this.query('SELECT pg_reload_conf()');
    }
  }

  /** Reads the files of its certificate again, for those who connect from now on. */
  async readCertificate(): Promise<void> {
    if (this.certificates !== undefined) {
      giveCertificate(join(this.folder, 'data'), this.certificates);
    }
    const readAt = async (): Promise<unknown> =>
      (await this.query('SELECT pg_conf_load_time()::text AS at'))[0]?.['at'];
    const before = await readAt();
    await this.query('SELECT pg_reload_conf()');
    // It answers before it has read them.
    await eventually('the server had read its files', async () => (await readAt()) !== before);
  }

  /** Ends it in good order, or by SIGQUIT: without a checkpoint and without a word to the clients. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    await this.#process?.stop(signal);
    this.#process = undefined;
    this.#watchdog.watch(undefined);
  }

  /** SIGSTOP, for the processes of its connections too: they stay open, and nothing answers. */
  pause(): void {
    this.#process?.signalAll('SIGSTOP');
  }

  resume(): void {
    this.#process?.signalAll('SIGCONT');
  }

  /** Starts it again; one that runs is stopped first. */
  async restart(): Promise<void> {
    await this.stop();
    this.#process = await ServerProcess.start(
      postgresProgram('postgres'),
      ['-D', join(this.folder, 'data')],
      this.port,
    );
    this.#watchdog.watch(this.#process.pid);
    await eventually('the server took statements', async () => (await this.query('SELECT 1')).length > 0);
  }

  async remove(): Promise<void> {
    this.resume();
    await this.stop('SIGQUIT');
    await this.#watchdog.finish();
  }
}

function giveCertificate(data: string, { server }: Certificates): void {
  const user = serverUser();
  for (const [from, name] of [
    [server.certFile, 'cert.pem'],
    [server.keyFile, 'key.pem'],
  ] as const) {
    const to = join(data, name);
    copyFileSync(from, to);
    chmodSync(to, 0o600);
    if (user !== undefined) {
      chownSync(to, user.uid, user.gid);
    }
  }
}
