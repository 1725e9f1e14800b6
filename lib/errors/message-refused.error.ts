import { TransportError } from './transport.error.js';

/** A broker will not take this very message, however often it is sent; others it takes. Nothing was stored. */
export class MessageRefusedError extends TransportError {
  override readonly code = 'MESSENGER_MESSAGE_REFUSED';
}
