import { MessengerError } from './messenger.error.js';

/** A middleware called `next` more than once for one envelope. */
export class NextCalledTwiceError extends MessengerError {
  readonly code = 'MESSENGER_NEXT_CALLED_TWICE';

  constructor(readonly middlewareName: string) {
    super(
      `Middleware "${middlewareName}" called next() twice. Call it once, or not at all to stop the chain.`,
    );
  }
}
