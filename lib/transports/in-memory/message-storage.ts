import type { Envelope } from '../../envelope/envelope.js';
import { NonSendableStamp } from '../../envelope/stamp.js';
import { QuarantiningSerializer } from '../../serializer/quarantining.serializer.js';
import type { Serializer } from '../../serializer/serializer.js';
import { MessageDecodingFailedStamp } from '../../stamp/message-decoding-failed.stamp.js';

/** A message as the transport keeps it, to be read any number of times. Never throws. */
export type StoredMessageReader = () => Envelope;

/**
 * What happens to an envelope between its sender and its receivers.
 *
 * @throws MessageEncodingFailedError
 */
export type MessageStorage = (envelope: Envelope) => StoredMessageReader;

/** Keeps the objects themselves, without the stamps that no broker would carry. */
export const objectStorage: MessageStorage = (envelope) => {
  // That its bytes could not be read remains true of a message on its way through a failure transport.
  const failure = envelope.last(MessageDecodingFailedStamp);
  const sendable = envelope.withoutKindOf(NonSendableStamp);
  const stored = failure === undefined ? sendable : sendable.with(failure);
  return () => stored;
};

/** Keeps bytes, as a broker does, and reads them anew for each receiver. */
export function encodedStorage(serializer: Serializer): MessageStorage {
  // An application gives its transports one that quarantines already; a test may give any.
  const quarantining =
    serializer instanceof QuarantiningSerializer ? serializer : new QuarantiningSerializer(serializer);
  return (envelope) => {
    const encoded = quarantining.encode(envelope);
    return () => quarantining.decode(encoded);
  };
}
