import { NonSendableStamp } from '../envelope/stamp.js';

/** The message was neither sent nor handled: another one has the lock of its `DeduplicateStamp`. */
export class DuplicateStamp extends NonSendableStamp {
  /** @param key the key of the `DeduplicateStamp`. */
  constructor(readonly key: string) {
    super();
  }
}
