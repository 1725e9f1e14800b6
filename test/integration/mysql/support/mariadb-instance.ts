import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type Connection } from 'mysql2/promise';
import { type Certificates, makeCertificates } from '../../redis/support/certificates.js';
import { freePort } from '../../redis/support/free-port.js';
import type { Lifetime } from '../../redis/support/lifetime.js';
import { Watchdog } from '../../redis/support/watchdog.js';

const DEADLINE_MS = 60_000;
const KEPT_OUTPUT = 4_000;
const READY = /ready for connections/;

const run = promisify(execFile);

export interface MariaDbOptions {
  /** Settings of the server, as `--name=value` has them. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Certificates of its own making. @default none */
  readonly tls?: boolean;
}

/** A MariaDB on a port and in a folder of its own, both of which outlive a restart. It dies with this process. */
export class MariaDbInstance {
  readonly host = '127.0.0.1';
  readonly socket: string;
  readonly #settings: Readonly<Record<string, string | number>>;
  readonly #watchdog: Watchdog;
  #process: ChildProcess | undefined;
  #output = '';

  private constructor(
    readonly folder: string,
    readonly port: number,
    /** If TLS was asked for. */
    readonly certificates: Certificates | undefined,
    settings: Readonly<Record<string, string | number>>,
  ) {
    this.socket = join(folder, 'mariadb.sock');
    this.#settings = settings;
    this.#watchdog = new Watchdog(folder);
  }

  /** Resolves when the server accepts connections of `root`, without a password, and has a database `test`. */
  static async start(
    { settings = {}, tls = false }: MariaDbOptions,
    lifetime: Lifetime,
  ): Promise<MariaDbInstance> {
    const folder = mkdtempSync(join(tmpdir(), 'messenger-mariadb-'));
    const certificates = tls ? await makeCertificates(folder) : undefined;
    const instance = new MariaDbInstance(folder, await freePort(), certificates, settings);
    lifetime(() => instance.remove());
    await instance.#install();
    await instance.restart();
    const connection = await instance.connect('');
    await connection.query('CREATE DATABASE IF NOT EXISTS test');
    await connection.end();
    return instance;
  }

  /** A connection as another program has it. */
  connect(database: string = 'test'): Promise<Connection> {
    return createConnection({ socketPath: this.socket, user: 'root', database });
  }

  /** A DSN that leads here over TCP. */
  dsn(query: Readonly<Record<string, string>> = {}, host: string = this.host): string {
    return `mysql://root@${host}:${this.port}/test?${new URLSearchParams(query).toString()}`;
  }

  /** Ends the server, in whatever way, and starts it again in its folder and on its port. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stop(signal);
    this.#output = '';
    const child = spawn('mariadbd', this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    this.#watchdog.watch(child.pid);
    await this.#becomesReady(child);
  }

  /** SIGSTOP: connections stay open, and nothing answers. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Resolves when the process has ended, which a paused one does too if it is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await exited;
    }
    this.#process = undefined;
    this.#watchdog.watch(undefined);
  }

  /** Ends the server and removes its folder. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    await this.#watchdog.finish();
  }

  async #install(): Promise<void> {
    const data = join(this.folder, 'data');
    mkdirSync(data);
    await run('mariadb-install-db', [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
      ...USER,
    ]);
  }

  get #args(): readonly string[] {
    const { certificates } = this;
    const settings = {
      datadir: join(this.folder, 'data'),
      socket: this.socket,
      port: this.port,
      'bind-address': this.host,
      'pid-file': join(this.folder, 'mariadb.pid'),
      'innodb-buffer-pool-size': '32M',
      ...(certificates !== undefined && {
        'ssl-ca': certificates.caFile,
        'ssl-cert': certificates.server.certFile,
        'ssl-key': certificates.server.keyFile,
      }),
      ...this.#settings,
    };
    return [
      '--no-defaults',
      ...USER,
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ];
  }

  async #becomesReady(child: ChildProcess): Promise<void> {
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    const isReady = await new Promise<boolean>((resolve) => {
      const read = (chunk: Buffer): void => {
        this.#output = `${this.#output}${chunk.toString()}`.slice(-KEPT_OUTPUT);
        if (READY.test(this.#output)) {
          resolve(true);
        }
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('error', () => resolve(false));
      child.once('exit', () => resolve(false));
    });
    clearTimeout(timer);
    if (!isReady) {
      throw new Error(
        'mariadbd was never ready. Install it: apt-get install -y mariadb-server (macOS: brew install mariadb). ' +
          `It wrote:\n${this.#output}`,
      );
    }
  }
}

/** The server refuses to run as root unless it is told to. */
const USER: readonly string[] = process.getuid?.() === 0 ? ['--user=root'] : [];
