import { Stamp } from '../envelope/stamp.js';

/**
 * The message holds the lock of its `DeduplicateStamp`. It travels with the message, so that whoever handles it can release
 * the lock, and nobody else can.
 */
export class DeduplicationLockStamp extends Stamp {
  /**
   * @param transportName the transport that keeps the lock.
   * @param token proves that the lock is this message's own: it may have expired, and be another's by now.
   */
  constructor(
    readonly transportName: string,
    readonly token: string,
  ) {
    super();
  }
}
