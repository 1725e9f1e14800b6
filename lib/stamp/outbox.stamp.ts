import { Stamp } from '../envelope/stamp.js';

/**
 * The message is in the outbox of its transport, and will be forwarded from there. On the envelope that `dispatch`
 * returns, and on the message as long as it is in the outbox.
 */
export class OutboxStamp extends Stamp {
  /**
   * @param transportName the transport that keeps the outbox, not the one the message is bound for.
   * @param dueAt when the delay of the message ends, as an epoch in milliseconds; `undefined` if it has none.
   */
  constructor(
    readonly transportName: string,
    readonly dueAt?: number | undefined,
  ) {
    super();
  }
}
