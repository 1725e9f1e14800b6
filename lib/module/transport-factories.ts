import { nearestName } from '../errors/nearest-name.js';
import { UnknownSchemeError } from '../errors/unknown-scheme.error.js';
import type { MessengerLogger } from '../event/logger.js';
import type { Serializer } from '../serializer/serializer.js';
import type { TransportFactory } from '../transport/transport-factory.js';
import type { Transport } from '../transport/transport.js';
import type { ResolvedTransport } from './resolved-options.js';

/** The transport factories of an application, by DSN scheme. */
export class TransportFactories {
  readonly #byScheme = new Map<string, TransportFactory>();

  /** @param factories the later ones win where two answer to one scheme. */
  constructor(factories: readonly TransportFactory[]) {
    for (const factory of factories) {
      factory.schemes.forEach((scheme) => this.#byScheme.set(scheme.toLowerCase(), factory));
    }
  }

  /** @throws UnknownSchemeError; and what the factory throws for a DSN or options it does not like. */
  create(
    { name, dsn, options }: ResolvedTransport,
    serializer: Serializer,
    logger: MessengerLogger,
  ): Transport {
    const factory = this.#byScheme.get(dsn.scheme);
    if (factory === undefined) {
      const known = [...this.#byScheme.keys()].sort();
      throw new UnknownSchemeError(name, dsn.scheme, known, nearestName(dsn.scheme, known));
    }
    return factory.create(dsn, options, { transportName: name, serializer, logger });
  }
}
