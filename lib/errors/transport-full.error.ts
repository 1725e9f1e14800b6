import { TransportError } from './transport.error.js';

/** A transport takes no more messages until some have been handled. Nothing was stored. */
export class TransportFullError extends TransportError {
  override readonly code = 'MESSENGER_TRANSPORT_FULL';
}
