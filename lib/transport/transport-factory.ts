import type { MessengerLogger } from '../event/logger.js';
import type { Serializer } from '../serializer/serializer.js';
import type { Dsn } from './dsn.js';
import type { Transport } from './transport.js';

/** What a factory is given besides the DSN. */
export interface TransportContext {
  /** The name under which the application knows the transport. */
  readonly transportName: string;
  readonly serializer: Serializer;
  /** For what concerns no single call, such as a message that was deleted behind the transport's back. @default silence */
  readonly logger?: MessengerLogger;
}

/**
 * Creates the transports of one or more DSN schemes. One instance serves one application, so a factory may share
 * connections between the transports it creates.
 */
export interface TransportFactory {
  /** The schemes it answers to, without the colon: `['redis', 'rediss']`. */
  readonly schemes: readonly string[];

  /**
   * Creates a transport without connecting; `options` win over the query of the DSN.
   *
   * @throws InvalidDsnError, UnknownOptionError, InvalidOptionError for anything wrong in the DSN or the options.
   * @throws MissingDriverError when the driver package is not installed.
   */
  create(dsn: Dsn, options: Readonly<Record<string, unknown>>, context: TransportContext): Transport;
}
