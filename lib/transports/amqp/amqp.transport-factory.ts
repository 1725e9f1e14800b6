import { hostname } from 'node:os';
import type { Dsn } from '../../transport/dsn.js';
import type { TransportContext, TransportFactory } from '../../transport/transport-factory.js';
import { AmqpConnection } from './amqp.connection.js';
import type { AmqpProcess } from './amqp.consumer-tag.js';
import { loadAmqpDriver } from './amqp.driver.js';
import { AMQP_SCHEMES } from './amqp.dsn.js';
import { type AmqpEndpoint, endpointKey } from './amqp.endpoint.js';
import { resolveAmqpOptions } from './amqp.options.js';
import { AmqpTransport } from './amqp.transport.js';
import { assembleParts } from './amqp.transport-parts.js';

/** What a test may put in the place of the machine. */
export interface AmqpTransportFactorySetup {
  /** @default this process */
  readonly identity?: AmqpProcess;
}

/** Makes transports for `amqp:` and `amqps:` DSNs. Those on one broker share a connection. */
export class AmqpTransportFactory implements TransportFactory {
  readonly schemes: readonly string[] = AMQP_SCHEMES;
  readonly #identity: AmqpProcess;
  readonly #connections = new Map<string, AmqpConnection>();

  constructor({ identity }: AmqpTransportFactorySetup = {}) {
    this.#identity = identity ?? { host: hostname(), pid: process.pid };
  }

  /**
   * @throws InvalidDsnError, UnknownOptionError, InvalidOptionError for what is wrong in the DSN or the options.
   * @throws MissingDriverError when amqplib is not installed.
   */
  create(dsn: Dsn, options: Readonly<Record<string, unknown>>, context: TransportContext): AmqpTransport {
    const resolved = resolveAmqpOptions(context.transportName, dsn, options);
    const connection = this.#connectionTo(resolved.endpoint, context);
    const parts = assembleParts(connection, resolved, context, this.#identity);
    connection.join(parts.session);
    return new AmqpTransport(parts);
  }

  #connectionTo(endpoint: AmqpEndpoint, { transportName, logger }: TransportContext): AmqpConnection {
    const key = endpointKey(endpoint);
    let connection = this.#connections.get(key);
    if (connection === undefined) {
      const { host, pid } = this.#identity;
      connection = new AmqpConnection({
        driver: loadAmqpDriver(transportName),
        endpoint,
        name: `messenger ${host}:${pid}`,
        logger,
        onClosed: () => this.#connections.delete(key),
      });
      this.#connections.set(key, connection);
    }
    return connection;
  }
}
