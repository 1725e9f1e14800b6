/**
 * What a {@link Finding} means for messages.
 *
 * `loss`: some may get lost, or be refused, in what happens to any application: a restart, a full memory, an error. `advice`: some
 * may in what hardly ever happens, such as a power failure, or the setting costs something else. `unchecked`: it could not be found
 * out.
 */
export type FindingLevel = 'loss' | 'advice' | 'unchecked';

/** Something about a broker, or about the settings of a transport, that may lose messages. */
export interface Finding {
  /** Stable, for programs: the kind of transport and what it is about, e.g. `redis.eviction`. */
  readonly code: string;
  readonly level: FindingLevel;
  /** What is so, with the name of the thing, and what may become of messages for it. A sentence that begins in lower case. */
  readonly problem: string;
  /** What to do about it: one sentence or several, the first word in upper case. */
  readonly remedy: string;
}
