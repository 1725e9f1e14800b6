import type { Envelope } from '../envelope/envelope.js';
import { NonSendableStamp } from '../envelope/stamp.js';

/** Sends one message together with others, when all of them have got this far. */
export type SendTogether = (envelope: Envelope, transportNames: readonly string[]) => Promise<Envelope>;

/**
 * Says how a message is sent, in place of the ordinary way: marks the messages of one `dispatchAll`, which share a command for
 * each transport. `DeduplicateMiddleware` wraps it to see what became of the message.
 */
export class SendTogetherStamp extends NonSendableStamp {
  constructor(readonly send: SendTogether) {
    super();
  }
}
