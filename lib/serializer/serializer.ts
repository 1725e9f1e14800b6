import type { Envelope } from '../envelope/envelope.js';
import type { EncodedEnvelope } from '../message/encoded-envelope.js';

/**
 * Turns envelopes into bytes and back. Called by transports, once per message and direction.
 *
 * Stateless: one serializer serves many messages at once.
 */
export interface Serializer {
  /**
   * Encodes the message and its sendable stamps.
   *
   * @throws MessageEncodingFailedError when the message cannot be represented; the message is then not sent.
   */
  encode(envelope: Envelope): EncodedEnvelope;

  /**
   * Restores what {@link encode} made, or what a foreign producer wrote.
   *
   * @throws MessageDecodingFailedError for whatever is wrong with the bytes; the transport then keeps them as they came.
   */
  decode(encoded: EncodedEnvelope): Envelope;
}
