import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { nearestName } from '../errors/nearest-name.js';
import { quoted } from '../errors/quoted.js';
import { UnknownSchemeError } from '../errors/unknown-scheme.error.js';
import type { MessengerLogger } from '../event/logger.js';
import type { Serializer } from '../serializer/serializer.js';
import type { ConnectionReference, TransportFactory } from '../transport/transport-factory.js';
import type { Transport } from '../transport/transport.js';
import type { InstanceOrProvider } from './messenger-options.js';
import type { ProviderReferences } from './provider-references.js';
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

  /**
   * @throws UnknownSchemeError; InvalidOptionError for a connection that this kind of transport cannot use; and what the factory
   * throws for a DSN or options it does not like.
   */
  create(
    { name, dsn, options, connection }: ResolvedTransport,
    serializer: Serializer,
    logger: MessengerLogger,
    references: ProviderReferences,
  ): Transport {
    const factory = this.#byScheme.get(dsn.scheme);
    if (factory === undefined) {
      const known = [...this.#byScheme.keys()].sort();
      throw new UnknownSchemeError(name, dsn.scheme, known, nearestName(dsn.scheme, known));
    }
    const context = { transportName: name, serializer, logger };
    return connection === undefined
      ? factory.create(dsn, options, context)
      : factory.create(dsn, options, {
          ...context,
          connection: this.#connectionFor(name, factory, connection, references),
        });
  }

  #connectionFor(
    transportName: string,
    factory: TransportFactory,
    given: InstanceOrProvider<object>,
    references: ProviderReferences,
  ): ConnectionReference {
    const where = `Transport "${transportName}"`;
    if (factory.checkConnection === undefined) {
      const takers = [...this.#byScheme]
        .filter(([, { checkConnection }]) => checkConnection !== undefined)
        .map(([scheme]) => `${scheme}:`)
        .sort();
      throw new InvalidOptionError(
        where,
        'connection',
        `cannot be used by a transport of "${factory.schemes[0]}:", which connects by its DSN only. Those that can are ${quoted(takers)}`,
      );
    }
    const check = (connection: object): string | undefined => factory.checkConnection?.(connection);
    const reference = references.to(given, { where, option: 'connection', methods: [], check });
    return {
      given,
      get instance() {
        return reference.instance;
      },
    };
  }
}
