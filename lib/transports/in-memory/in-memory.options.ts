import type { Clock } from '../../envelope/clock.js';
import type { Serializer } from '../../serializer/serializer.js';
import type { Dsn } from '../../transport/dsn.js';
import { type OptionReaders, read, resolveOptions } from '../../transport/options.js';

/** The options of an `in-memory://` transport, in the DSN's query (snake_case) or in `options`. */
export interface InMemoryOptions {
  /**
   * Whether messages go through the serializer, as they would with a broker. It costs time, and shows what does not
   * survive the way.
   *
   * @default false
   */
  readonly serialize: boolean;
  /**
   * How many seconds a message that was received and not settled stays with its consumer; fractions count. As long as
   * the longest in Symfony, because the only consumers are in this process.
   *
   * @default 3600
   */
  readonly redeliverTimeout: number;
  /**
   * How many of the last messages each of `sent`, `acknowledged` and `rejected` remembers, so that a long-lived process
   * does not fill up with them.
   *
   * @default 10000
   */
  readonly history: number;
}

export const IN_MEMORY_DEFAULTS: InMemoryOptions = {
  serialize: false,
  redeliverTimeout: 3600,
  history: 10_000,
};

const READERS: OptionReaders<InMemoryOptions> = {
  serialize: read.boolean,
  redeliverTimeout: read.number(0.001),
  history: read.number(0),
};

/**
 * Reads the options of a transport; `options` win over the DSN.
 *
 * @throws UnknownOptionError, InvalidOptionError
 */
export function resolveInMemoryOptions(
  transportName: string,
  dsn: Dsn,
  options: Readonly<Record<string, unknown>>,
): InMemoryOptions {
  return resolveOptions(transportName, dsn, options, READERS, IN_MEMORY_DEFAULTS);
}

/** What an `InMemoryTransport` may be made with. */
export interface InMemoryTransportOptions {
  /** Named in errors. @default 'in-memory' */
  readonly transportName?: string;
  /** Sends every message through this serializer, as a broker would. @default none: the objects themselves are kept */
  readonly serializer?: Serializer;
  /** The time that delays and leases are measured by. @default the time of the machine */
  readonly clock?: Clock;
  /** See `InMemoryOptions`; in seconds. @default 3600 */
  readonly redeliverTimeout?: number;
  /** See `InMemoryOptions`. @default 10000 */
  readonly history?: number;
  /** Hands out messages in the order in which they were sent, and none while one is claimed. @default false */
  readonly isOutbox?: boolean;
}
