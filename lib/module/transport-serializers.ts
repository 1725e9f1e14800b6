import { JsonSerializer, type JsonSerializerDependencies } from '../serializer/json.serializer.js';
import { QuarantiningSerializer } from '../serializer/quarantining.serializer.js';
import type { Serializer } from '../serializer/serializer.js';
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
      serializer = new QuarantiningSerializer(this.#innerOf(transport), this.#parts.known);
      this.#made.set(transport.name, serializer);
    }
    return serializer;
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
