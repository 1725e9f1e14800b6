import type { DiscoveryService } from '@nestjs/core';
import { NotReadyError } from '../errors/not-ready.error.js';
import { DiscoveredProvider } from './discovered-provider.js';

/**
 * The providers of an application, in the order of its modules. An instance that several tokens stand for (`useExisting`,
 * or a factory that returns another provider) is listed once.
 */
export class DiscoveredProviders {
  readonly #discovery: DiscoveryService;

  constructor(discovery: DiscoveryService) {
    this.#discovery = discovery;
  }

  all(): readonly DiscoveredProvider[] {
    const instances = new Set<unknown>();
    return this.#discovery
      .getProviders()
      .map((record) => new DiscoveredProvider(record))
      .filter((provider) => {
        const { instance } = provider;
        const isKnown = instances.has(instance);
        if (typeof instance === 'object' && instance !== null) {
          instances.add(instance);
        }
        return !isKnown;
      });
  }

  controllers(): readonly DiscoveredProvider[] {
    return this.#discovery.getControllers().map((record) => new DiscoveredProvider(record));
  }

  /** What is provided under a token, by each module that provides it; aliases included. */
  under(token: unknown): readonly DiscoveredProvider[] {
    return this.#discovery
      .getProviders()
      .filter((record) => record.token === token)
      .map((record) => new DiscoveredProvider(record));
  }

  /**
   * Checks that Nest has made them all, for use before the application is initialized.
   *
   * @param use what needs them, e.g. `A message was dispatched`.
   * @throws NotReadyError
   */
  assertConstructed(use: string): void {
    if (this.all().some(({ isUnderConstruction }) => isUnderConstruction)) {
      throw new NotReadyError(use);
    }
  }
}
