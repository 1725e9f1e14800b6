import { MessageDecodingFailedError } from './message-decoding-failed.error.js';

/**
 * Why a message is not accepted:
 * - `missing`: it has no signature, and needs one;
 * - `malformed`: what stands there is no signature;
 * - `mismatch`: none of the keys has signed this content;
 * - `other-transport`: it was signed for another transport;
 * - `expired`: it is older than `maxAge`;
 * - `not-yet`: it claims to have been signed in the future;
 * - `added-stamps`: stamps were added that nobody signed.
 */
export type SignatureProblem =
  'missing' | 'malformed' | 'mismatch' | 'other-transport' | 'expired' | 'not-yet' | 'added-stamps';

/**
 * A received message is not what somebody with a key has signed, and was refused before it was decoded. It is not tried again:
 * it is kept as it came, in the failure transport. Listen to `WorkerMessageFailedEvent` to be told.
 */
export class InvalidMessageSignatureError extends MessageDecodingFailedError {
  override readonly code = 'MESSENGER_INVALID_SIGNATURE';

  /** @param messageName the type the message claims to have. @param reason completes the sentence. */
  constructor(
    readonly messageName: string,
    readonly problem: SignatureProblem,
    reason: string,
  ) {
    super(`Message "${messageName}" is refused: ${reason}`);
  }
}
