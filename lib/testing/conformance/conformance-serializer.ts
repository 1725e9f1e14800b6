import type { Envelope } from '../../envelope/envelope.js';
import { MessageEncodingFailedError } from '../../errors/message-encoding-failed.error.js';
import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import { MessageRegistry } from '../../message/message-registry.js';
import { JsonSerializer } from '../../serializer/json.serializer.js';
import { QuarantiningSerializer } from '../../serializer/quarantining.serializer.js';
import type { Serializer } from '../../serializer/serializer.js';
import { StampRegistry } from '../../serializer/stamp-registry.js';
import { ConformanceMessage, UnencodableMessage } from './conformance-message.js';

/** The serializer an application would have, knowing the messages of the suite. */
export function conformanceSerializer(): Serializer {
  const registry = new MessageRegistry();
  registry.register(ConformanceMessage);
  return new QuarantiningSerializer(
    new RefusingSerializer(new JsonSerializer({ registry, stamps: new StampRegistry() })),
  );
}

/** Refuses one type of message, whatever else the serializer can represent. */
class RefusingSerializer implements Serializer {
  readonly #serializer: Serializer;

  constructor(serializer: Serializer) {
    this.#serializer = serializer;
  }

  encode(envelope: Envelope): EncodedEnvelope {
    if (envelope.message instanceof UnencodableMessage) {
      throw new MessageEncodingFailedError('messenger.conformance.unencodable', envelope.message.reason);
    }
    return this.#serializer.encode(envelope);
  }

  decode(encoded: EncodedEnvelope): Envelope {
    return this.#serializer.decode(encoded);
  }
}
