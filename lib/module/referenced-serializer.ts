import type { Envelope } from '../envelope/envelope.js';
import type { EncodedEnvelope } from '../message/encoded-envelope.js';
import type { Serializer } from '../serializer/serializer.js';
import type { ProviderReference } from './provider-references.js';

/** A serializer that is a provider of the application: transports are made before it exists. */
export class ReferencedSerializer implements Serializer {
  readonly #reference: ProviderReference<Serializer>;

  constructor(reference: ProviderReference<Serializer>) {
    this.#reference = reference;
  }

  encode(envelope: Envelope): EncodedEnvelope {
    return this.#reference.instance.encode(envelope);
  }

  decode(encoded: EncodedEnvelope): Envelope {
    return this.#reference.instance.decode(encoded);
  }
}
