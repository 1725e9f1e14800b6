import { TransportError } from './transport.error.js';

/**
 * A message was handed to the broker, and nobody knows what became of it: the connection was lost before the broker
 * confirmed it, or the broker did not confirm it in time. It is not sent again by itself, since that could double it.
 */
export class MaybeSentError extends TransportError {
  override readonly code = 'MESSENGER_MAYBE_SENT';
}
