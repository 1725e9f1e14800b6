import type { TransportError } from '../../errors/transport.error.js';
import type { AmqpConnection } from './amqp.connection.js';
import type { AmqpChannel, AmqpConfirmChannel } from './amqp.driver.js';
import { toTransportError } from './amqp.errors.js';

/** A connection as one transport uses it: whatever goes wrong is a TransportError that names the transport. */
export class AmqpSession {
  readonly connection: AmqpConnection;
  readonly transportName: string;

  constructor(connection: AmqpConnection, transportName: string) {
    this.connection = connection;
    this.transportName = transportName;
  }

  /** An open channel on the present connection. */
  async channel(): Promise<AmqpChannel> {
    try {
      return await this.connection.channel();
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  /** An open channel whose messages are confirmed. */
  async confirmChannel(): Promise<AmqpConfirmChannel> {
    try {
      return await this.connection.confirmChannel();
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  /**
   * A TransportError that says what to do about a driver's error.
   *
   * The driver closes the channels of a lost connection before it tells why the connection was lost: await something, before
   * this is asked about an error that a callback or a listener was given.
   */
  errorOf(error: unknown): TransportError {
    const { server, lastFailure } = this.connection;
    return toTransportError(this.transportName, server, error, lastFailure);
  }
}
