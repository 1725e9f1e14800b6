import { Stamp } from '../envelope/stamp.js';
import { InvalidStampError } from '../errors/invalid-stamp.error.js';
import { MAX_DELAY_MS } from './delay.stamp.js';

/** Longest time to live accepted, in seconds: 100 years. Anything longer is a unit mistaken. */
const MAX_TTL = MAX_DELAY_MS / 1000;

/**
 * Drops the message if another one with the same key was dispatched and has not been handled yet. The first one takes a
 * lock on the key; it is released when its handlers have succeeded, or when it has failed for good. A message that was
 * dropped comes back from `dispatch` with a `DuplicateStamp`.
 *
 * It keeps what is superfluous out of the queue. It does not replace an idempotent handler: a message may be delivered twice,
 * and a lock ends with its time to live.
 *
 * @example
 * ```ts
 * await bus.dispatch(new RebuildIndex(productId), [new DeduplicateStamp(`rebuild-index-${productId}`, 3600)]);
 * ```
 */
export class DeduplicateStamp extends Stamp {
  /**
   * @param key what makes two messages the same; any text but an empty one.
   * @param ttl how many seconds the lock lasts if nobody releases it, counted from when the message is due; fractions count.
   * Longer than the message waits in its transport and is handled.
   * @param onlyInQueue release the lock before the message is handled rather than after: one may then wait while another is
   * being handled.
   * @throws InvalidStampError when `key` is empty or no text, or `ttl` is not above zero and at most 100 years.
   */
  constructor(
    readonly key: string,
    readonly ttl: number = 300,
    readonly onlyInQueue: boolean = false,
  ) {
    super();
    if (typeof key !== 'string' || key === '') {
      throw new InvalidStampError(
        'DeduplicateStamp',
        `the key must be a text that is not empty, got ${shown(key)}`,
      );
    }
    if (!(typeof ttl === 'number' && ttl > 0 && ttl <= MAX_TTL)) {
      throw new InvalidStampError(
        'DeduplicateStamp',
        `the ttl must be above 0 and at most ${MAX_TTL} seconds, got ${shown(ttl)}`,
      );
    }
  }
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? `"${value}"`
    : typeof value === 'number'
      ? String(value)
      : `a value of type ${typeof value}`;
}
