import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { type Certificates, makeCertificates } from '../../redis/support/certificates.js';
import { eventually } from '../../redis/support/eventually.js';
import { freePort } from '../../redis/support/free-port.js';
import type { Lifetime } from '../../redis/support/lifetime.js';
import { Watchdog } from '../../redis/support/watchdog.js';
import { Vhost } from './vhost.js';

const run = promisify(execFile);

/** Debian's programs on the PATH run as another user, in another folder. */
const DEBIAN_FOLDER = '/usr/lib/rabbitmq/bin';

const KEPT_OUTPUT = 4_000;

/** How long a broker may take to start; set it as the time-out of the hook that does. */
export const BROKER_START_MS = 90_000;

/** What a broker has that others have not. */
export interface BrokerSetup {
  /** Those that come with RabbitMQ. */
  readonly plugins?: readonly string[];
  /** Lines of its `rabbitmq.conf`. */
  readonly config?: readonly string[];
}

/** A broker of one's own, which may be stopped and blocked. Its virtual host is `/`. */
export class Broker extends Vhost {
  readonly #env: NodeJS.ProcessEnv;
  readonly #watchdog: Watchdog;
  #child: ChildProcess | undefined;

  constructor(
    port: number,
    /** Where it speaks TLS, and asks for a client's certificate. */
    readonly tlsPort: number,
    readonly certificates: Certificates,
    env: NodeJS.ProcessEnv,
    watchdog: Watchdog,
  ) {
    super('/', port);
    this.#env = env;
    this.#watchdog = watchdog;
  }

  /** Starts its process, and resolves when it takes connections. What was durable in an earlier one is there again. */
  async launch(): Promise<void> {
    // A group of its own: the program is a shell that starts Erlang.
    const options = { env: this.#env, cwd: this.#env['HOME'], detached: true };
    const child = spawn(programOf('rabbitmq-server'), options);
    this.#child = child;
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-KEPT_OUTPUT)));
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (cause) => reject(new Error('Install it: .ci/ensure-rabbitmq', { cause })));
      child.once('exit', (code) =>
        reject(new Error(`rabbitmq-server ended with ${code}. It wrote:\n${output}`)),
      );
    });
    failed.catch(() => undefined);
    child.once('exit', () => this.#child === child && this.#watchdog.watch(undefined));
    if (child.pid !== undefined) {
      this.#watchdog.watch(-child.pid);
    }
    const ready = eventually('the broker listened', () => this.isListening(), BROKER_START_MS);
    await Promise.race([ready, failed]);
  }

  /** Signals all its processes: SIGSTOP and SIGCONT pause it. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child ?? {};
    if (pid !== undefined && this.#child?.exitCode === null && this.#child.signalCode === null) {
      process.kill(-pid, signal);
    }
  }

  /** Ends it as a power cut would. Resolves when it has ended. {@link launch} starts it again. */
  async crash(): Promise<void> {
    const child = this.#child;
    const exited = new Promise((resolve) => child?.once('exit', resolve));
    this.signal('SIGKILL');
    await exited;
    // The shell may be gone before Erlang, whose port would be taken for that of the next one.
    await eventually('nobody listened', async () => !(await this.isListening()));
  }

  /** What an administrator of this broker types after `rabbitmqctl`. */
  async control(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(programOf('rabbitmqctl'), ['--quiet', ...args], { env: this.#env });
    return stdout;
  }

  override async rabbitmqctl(command: string, ...args: readonly string[]): Promise<string> {
    return this.control(command, '-p', this.name, ...args);
  }

  /** Whether it takes connections. */
  isListening(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connectSocket(this.port, this.host);
      socket.once('connect', () => (socket.destroy(), resolve(true)));
      socket.once('error', () => resolve(false));
    });
  }
}

/**
 * Starts a broker, which takes about ten seconds: only for tests that would disturb others on the shared one.
 *
 * @example
 * vi.setConfig({ hookTimeout: BROKER_START_MS });
 * const broker = perFile((lifetime) => startBroker(lifetime));
 */
export async function startBroker(
  lifetime: Lifetime = onTestFinished,
  setup: BrokerSetup = {},
): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-rabbitmq-'));
  const watchdog = new Watchdog(folder);
  lifetime(() => watchdog.finish());
  const certificates = await makeCertificates(folder);
  const ports = { plain: await freePort(), tls: await freePort(), node: await freePort() };
  const env = environmentOf(folder, ports, certificates, setup);
  const broker = new Broker(ports.plain, ports.tls, certificates, env, watchdog);
  await broker.launch();
  return broker;
}

/** `node` is for rabbitmqctl. */
type Ports = Readonly<Record<'plain' | 'tls' | 'node', number>>;

function environmentOf(
  folder: string,
  ports: Ports,
  certificates: Certificates,
  { plugins = [], config = [] }: BrokerSetup,
): NodeJS.ProcessEnv {
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  mkdirSync(join(folder, 'home'));
  return {
    ...process.env,
    // The secret that lets rabbitmqctl in is made there.
    HOME: join(folder, 'home'),
    RABBITMQ_NODENAME: `messenger-test-${ports.plain}@localhost`,
    RABBITMQ_NODE_PORT: String(ports.plain),
    RABBITMQ_DIST_PORT: String(ports.node),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf', [configOf(ports, certificates), ...config, ''].join('\n')),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins', `[${plugins.join(',')}].`),
    RABBITMQ_CONF_ENV_FILE: file('rabbitmq-env.conf', ''),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
}

function configOf({ plain, tls }: Ports, { caFile, server }: Certificates): string {
  return [
    `listeners.tcp.local = 127.0.0.1:${plain}`,
    `listeners.ssl.local = 127.0.0.1:${tls}`,
    `ssl_options.cacertfile = ${caFile}`,
    `ssl_options.certfile = ${server.certFile}`,
    `ssl_options.keyfile = ${server.keyFile}`,
    'ssl_options.verify = verify_peer',
    'ssl_options.fail_if_no_peer_cert = true',
    '',
  ].join('\n');
}

function programOf(name: string): string {
  const debian = join(DEBIAN_FOLDER, name);
  return existsSync(debian) ? debian : name;
}
