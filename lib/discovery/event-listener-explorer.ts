import { listenerDeclarations } from '../decorator/on-messenger-event.decorator.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import type { EventType, MessengerEvents } from '../event/messenger-events.js';
import type { DiscoveredProvider } from './discovered-provider.js';
import type { DiscoveredProviders } from './discovered-providers.js';
import { assertMethod, providerMethod } from './provider-method.js';

/** Finds the methods with `@OnMessengerEvent` among the providers of an application. */
export class EventListenerExplorer {
  readonly #providers: DiscoveredProviders;

  constructor(providers: DiscoveredProviders) {
    this.#providers = providers;
  }

  /**
   * Lets every such method listen. For a request-scoped provider the event is the request.
   *
   * @throws MissingMethodError; InvalidOptionError if the decorator names no class.
   */
  attachTo(events: MessengerEvents): void {
    for (const provider of this.#providers.all()) {
      for (const { eventType, method } of provider.type === undefined
        ? []
        : listenerDeclarations(provider.type)) {
        const where = `Listener "${provider.name}.${String(method)}"`;
        assertMethod(provider, method, where);
        events.on(eventTypeOf(eventType, where), listenerOf(provider, method));
      }
    }
  }
}

function listenerOf(provider: DiscoveredProvider, method: string | symbol): (event: object) => Promise<void> {
  const call = providerMethod(provider, method);
  return async (event) => {
    await call(event, [event]);
  };
}

function eventTypeOf(type: unknown, where: string): EventType {
  if (typeof type !== 'function') {
    throw new InvalidOptionError(where, '@OnMessengerEvent', `must name an event class, got ${String(type)}`);
  }
  return type as EventType;
}
