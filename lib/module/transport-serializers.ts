import { JsonSerializer, type JsonSerializerDependencies } from '../serializer/json.serializer.js';
import type { Clock } from '../envelope/clock.js';
import { QuarantiningSerializer, type QuarantineSigning } from '../serializer/quarantining.serializer.js';
import type { Serializer } from '../serializer/serializer.js';
import { MessageSigner } from '../serializer/signing/message-signer.js';
import { QuarantineSeal } from '../serializer/signing/quarantine-seal.js';
import type { SignedTypes } from '../serializer/signing/signed-types.js';
import type { ProviderReferences } from './provider-references.js';
import { ReferencedSerializer } from './referenced-serializer.js';
import type { ResolvedMessengerOptions, ResolvedTransport } from './resolved-options.js';

/** What {@link TransportSerializers} needs. */
export interface TransportSerializersParts {
  readonly options: ResolvedMessengerOptions;
  readonly references: ProviderReferences;
  /** The one that is used where none is named. */
  readonly json: JsonSerializer;
  readonly known: JsonSerializerDependencies;
  readonly signedTypes: SignedTypes;
  readonly clock: Clock;
}

/** The serializer of each transport: its own, or the application's, or the default one; behind a quarantine. */
export class TransportSerializers {
  readonly #parts: TransportSerializersParts;
  readonly #made = new Map<string, Serializer>();

  constructor(parts: TransportSerializersParts) {
    this.#parts = parts;
  }

  of(transport: ResolvedTransport): Serializer {
    let serializer = this.#made.get(transport.name);
    if (serializer === undefined) {
      serializer = this.#create(transport, true);
      this.#made.set(transport.name, serializer);
    }
    return serializer;
  }

  /** The serializer of what waits in the outbox of a transport: the same, but nothing is too old there. */
  ofOutbox(transport: ResolvedTransport): Serializer {
    return this.#parts.options.signing === undefined ? this.of(transport) : this.#create(transport, false);
  }

  #create(transport: ResolvedTransport, checksAge: boolean): Serializer {
    return new QuarantiningSerializer(
      this.#innerOf(transport),
      this.#parts.known,
      this.#signingOf(transport.name, checksAge),
    );
  }

  #signingOf(transportName: string, checksAge: boolean): QuarantineSigning | undefined {
    const { options, signedTypes: types, clock } = this.#parts;
    const { signing, signingPolicies } = options;
    const policy = signingPolicies.get(transportName);
    if (signing === undefined || policy === undefined) {
      return undefined;
    }
    const own = { ...policy, checksAge: checksAge && policy.checksAge };
    const policyOf = (name: string) => signingPolicies.get(name);
    return {
      signer: new MessageSigner({ signing, own, policyOf, types, clock }),
      seal: new QuarantineSeal(signing.keys, policy.scope),
    };
  }

  #innerOf({ name, serializer }: ResolvedTransport): Serializer {
    const { options, references, json } = this.#parts;
    const given = serializer ?? options.serializer;
    if (given === undefined || given === JsonSerializer) {
      return json;
    }
    const use = { where: `Transport "${name}"`, option: 'serializer', methods: ['encode', 'decode'] };
    return new ReferencedSerializer(references.to<Serializer>(given, use));
  }
}
