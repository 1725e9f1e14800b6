import type { MessengerLogger } from '../event/logger.js';
import type { Serializer } from '../serializer/serializer.js';
import type { Dsn } from './dsn.js';
import type { Transport } from './transport.js';

/** A connection of the application that a transport is to use, and that stays the application's. */
export interface ConnectionReference {
  /** What the configuration names it by, an object or the token of its provider: equal for transports that are to share it. */
  readonly given: unknown;
  /** @throws NotReadyError until the application is initialized. */
  readonly instance: object;
}

/** What a factory is given besides the DSN. */
export interface TransportContext {
  /** The name under which the application knows the transport. */
  readonly transportName: string;
  readonly serializer: Serializer;
  /** For what concerns no single call, such as a message that was deleted behind the transport's back. @default silence */
  readonly logger?: MessengerLogger;
  /** What the option `connection` of the transport names; given only to factories that have `checkConnection`. */
  readonly connection?: ConnectionReference;
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

  /**
   * Checks a connection of the application before it is used, when the application is initialized. Only factories have it whose
   * transports can use one; for others the option `connection` is an error.
   *
   * @returns what is wrong with it, completing `option "connection" …`; nothing if it can be used.
   */
  checkConnection?(connection: object): string | undefined;
}
