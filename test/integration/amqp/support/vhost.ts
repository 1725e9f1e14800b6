import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { connect, type ChannelModel } from 'amqplib';
import { onTestFinished } from 'vitest';
import type { Lifetime } from '../../redis/support/lifetime.js';
import { RabbitmqNotReachableError } from './rabbitmq-not-reachable.error.js';
import { rabbitmqctl } from './rabbitmqctl.js';

export { perFile } from '../../redis/support/lifetime.js';

const HOST = '127.0.0.1';
const PORT = 5672;

/** A virtual host of the broker that all tests share, removed with everything in it at the end. */
export class Vhost {
  readonly host = HOST;
  readonly user = 'guest';
  readonly password = 'guest';

  constructor(
    readonly name: string,
    readonly port: number = PORT,
  ) {}

  /** The DSN of a transport in it, and the URL that amqplib takes. */
  get url(): string {
    return this.urlAt(this.port);
  }

  /** The same by another port, where a proxy listens. */
  urlAt(port: number): string {
    return `amqp://${this.user}:${this.password}@${HOST}:${port}/${encodeURIComponent(this.name)}`;
  }

  /** Makes it, with all permissions for its user; removed at the end. */
  async create(lifetime: Lifetime = onTestFinished): Promise<this> {
    lifetime(async () => void (await rabbitmqctl('delete_vhost', this.name)));
    await rabbitmqctl('add_vhost', this.name);
    await rabbitmqctl('set_permissions', '-p', this.name, this.user, '.*', '.*', '.*');
    return this;
  }

  /** A connection that is not the transport's own, closed at the end. */
  async connect(lifetime: Lifetime = onTestFinished): Promise<ChannelModel> {
    const model = await connect(this.url);
    // A test that closes all connections closes this one too.
    model.on('error', () => undefined);
    lifetime(() => model.close().catch(() => undefined));
    return model;
  }

  /** The broker closes all connections to it. */
  async closeAllConnections(reason: string = 'closed by a test'): Promise<void> {
    await this.rabbitmqctl('close_all_connections', reason);
  }

  /** What `rabbitmqctl COMMAND -p NAME ...` prints, such as `list_queues name messages`. */
  rabbitmqctl(command: string, ...args: readonly string[]): Promise<string> {
    return rabbitmqctl(command, '-p', this.name, ...args);
  }
}

/**
 * A new virtual host, with all permissions for `guest`. It takes two seconds: make one a file.
 *
 * @example const vhost = perFile((lifetime) => startVhost(lifetime));
 * @throws RabbitmqNotReachableError when there is no broker
 */
export async function startVhost(lifetime: Lifetime = onTestFinished): Promise<Vhost> {
  await assertReachable();
  return new Vhost(`messenger-test-${process.pid}-${randomBytes(4).toString('hex')}`).create(lifetime);
}

async function assertReachable(): Promise<void> {
  const socket = connectSocket(PORT, HOST);
  try {
    await once(socket, 'connect');
  } catch (cause) {
    throw new RabbitmqNotReachableError(HOST, PORT, { cause });
  } finally {
    socket.destroy();
  }
}
