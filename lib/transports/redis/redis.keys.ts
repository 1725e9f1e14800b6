/** The keys of one stream. All of them are in one slot of a cluster, so that a script may use them together. */
export interface RedisKeys {
  readonly stream: string;
  /** Keys with the same are in the same slot of a cluster; elsewhere it is empty. */
  readonly slot: string;
  /** The sorted set of delayed messages, by the time they are due; shared with Symfony Messenger. */
  readonly delayed: string;
  /** The sorted set of messages that were claimed by their id, by the time the claim ends. */
  readonly held: string;
  /** The consumers that wait for messages: the keys of their wake-up streams, by the time they will look next. */
  readonly readers: string;
  /** Times that all processes look at, a hash: when they were told to stop, and when each group was made. */
  readonly signals: string;
  /** The roll of the workers, a hash. */
  readonly workers: string;
  /** The lock of a `DeduplicateStamp`: its token. */
  lock(key: string): string;
  /** The stream by which a waiting consumer is woken. */
  wake(group: string, consumer: string): string;
  /** Tells who consumes under a name. */
  lease(group: string, consumer: string): string;
}

/** A hash tag: what decides on the slot of a key. */
const HASH_TAG = /\{([^}]+)\}/;

/**
 * @param isCluster in a cluster, the names of the companions get the stream's name as their hash tag, which puts them in its
 * slot. Elsewhere they are named as Symfony Messenger names them.
 */
export function keysOf(stream: string, isCluster: boolean): RedisKeys {
  const tag = HASH_TAG.exec(stream)?.[1] ?? stream;
  const base = isCluster && tag === stream ? `{${stream}}` : stream;
  return {
    stream,
    slot: isCluster ? tag : '',
    delayed: `${base}__queue`,
    held: `${base}__held`,
    readers: `${base}__readers`,
    signals: `${base}__signals`,
    workers: `${base}__workers`,
    lock: (key) => `${base}__lock:${key}`,
    // Escaped, since both names may hold colons.
    wake: (group, consumer) => `${base}__wake:${encodeURIComponent(group)}:${consumer}`,
    lease: (group, consumer) => `${base}__consumer:${encodeURIComponent(group)}:${consumer}`,
  };
}
