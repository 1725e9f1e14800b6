import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { type Certificates, makeCertificates } from './certificates.js';
import { freePort } from './free-port.js';
import { redisConfig, type RedisServerOptions } from './redis-config.js';
import { RedisProcess } from './redis-process.js';
import { Watchdog } from './watchdog.js';

const ATTEMPTS = 5;
const PORT_IS_TAKEN = /Address already in use|Failed listening on port/;

/** With RESP 2 there is nothing to map, and the type of that option does not take `undefined`. */
export type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** How a kind of server is started: the ordinary one and Sentinel. */
export interface ServerKind {
  readonly args: readonly string[];
  readonly ready: RegExp;
}

const ORDINARY: ServerKind = { args: [], ready: /Ready to accept connections/ };

/** A `redis-server` on a port and in a folder of its own, both of which outlive a restart. It dies with this process. */
export class RedisInstance {
  readonly host = '127.0.0.1';
  readonly #kind: ServerKind;
  readonly #watchdog: Watchdog;
  readonly #clients = new Set<Redis>();
  #process: RedisProcess | undefined;

  private constructor(
    readonly options: RedisServerOptions,
    kind: ServerKind,
    readonly folder: string,
    readonly port: number,
    /** Of the unix socket, if it was asked for. */
    readonly socketPath: string | undefined,
    /** If TLS was asked for. */
    readonly certificates: Certificates | undefined,
  ) {
    this.#kind = kind;
    this.#watchdog = new Watchdog(folder);
  }

  /**
   * Resolves when the server accepts connections.
   *
   * @throws RedisNotInstalledError without `redis-server`, or without `openssl` when TLS is asked for
   */
  static async start(options: RedisServerOptions, kind: ServerKind = ORDINARY): Promise<RedisInstance> {
    for (let attempt = 1; ; attempt += 1) {
      const instance = await RedisInstance.#configured(options, kind);
      try {
        await instance.restart();
        return instance;
      } catch (error) {
        await instance.remove();
        if (attempt === ATTEMPTS || !PORT_IS_TAKEN.test(String(error))) {
          throw error;
        }
      }
    }
  }

  static async #configured(options: RedisServerOptions, kind: ServerKind): Promise<RedisInstance> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'messenger-redis-'));
    try {
      const socketPath = options.unixSocket === true ? join(folder, 'redis.sock') : undefined;
      const certificates = (options.tls ?? false) === false ? undefined : await makeCertificates(folder);
      const place = { folder, port, socketPath, certificates };
      writeFileSync(join(folder, 'redis.conf'), `${redisConfig(options, place).join('\n')}\n`);
      return new RedisInstance(options, kind, folder, port, socketPath, certificates);
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  /** With the password, if one is required: `redis://:secret@127.0.0.1:12345`. */
  get url(): string {
    const { requirepass } = this.options;
    const password = requirepass === undefined ? '' : `:${encodeURIComponent(requirepass)}@`;
    return `${this.certificates === undefined ? 'redis' : 'rediss'}://${password}${this.host}:${this.port}`;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  /**
   * A connection that is closed with the server. It has the certificate and the password that the server asks for, comes
   * back within 20 ms of a restart, and gives a command up after about 5 seconds without a connection.
   */
  client(options: ClientOptions = {}): Redis {
    const client = new Redis({ ...this.#clientDefaults(), ...options });
    // A command that fails says so to its caller.
    client.on('error', () => undefined);
    this.#clients.add(client);
    client.once('end', () => this.#clients.delete(client));
    return client;
  }

  /** `CONFIG SET`, which a restart undoes. */
  async config(name: string, value: string | number): Promise<void> {
    const client = this.client();
    await client.config('SET', name, value);
    client.disconnect();
  }

  /** SIGTERM: the server ends in good order. Nothing happens if it does not run. */
  async stop(): Promise<void> {
    await this.kill('SIGTERM');
  }

  /** Resolves when the process has ended, which a paused one does too. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.#process?.signal(signal);
    this.resume();
    await this.#process?.exited();
  }

  /** Starts the server again in its folder and on its port; one that runs is stopped first. */
  async restart(): Promise<void> {
    await this.stop();
    this.#process = undefined;
    const args = [join(this.folder, 'redis.conf'), ...this.#kind.args];
    this.#process = await RedisProcess.start(args, this.folder, this.#kind.ready, (pid) =>
      this.#watchdog.watch(pid),
    );
  }

  /** SIGSTOP: connections stay open and are still accepted, and nothing answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  /** Ends the server and its clients and removes its folder. */
  async remove(): Promise<void> {
    this.#clients.forEach((client) => client.disconnect());
    await this.kill();
    await this.#watchdog.finish();
  }

  #clientDefaults(): ClientOptions {
    const { requirepass } = this.options;
    return {
      host: this.host,
      port: this.port,
      protocol: 2,
      retryStrategy: () => 20,
      maxRetriesPerRequest: 250,
      ...(requirepass !== undefined && { password: requirepass }),
      ...(this.certificates !== undefined && {
        tls: {
          ca: this.certificates.ca,
          cert: this.certificates.client.cert,
          key: this.certificates.client.key,
        },
      }),
    };
  }
}
