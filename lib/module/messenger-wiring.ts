import type { MessageBus } from '../bus/message-bus.js';
import { RedispatchMessageHandler } from '../bus/redispatch-message.handler.js';
import type { DiscoveredProviders } from '../discovery/discovered-providers.js';
import type { EventListenerExplorer } from '../discovery/event-listener-explorer.js';
import type { HandlerExplorer } from '../discovery/handler-explorer.js';
import type { Envelope } from '../envelope/envelope.js';
import type { MessengerLogger } from '../event/logger.js';
import type { MessengerEvents } from '../event/messenger-events.js';
import { ModuleImportedTwiceError } from '../errors/module-imported-twice.error.js';
import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import type { HandlerDescriptor } from '../handler/handler-descriptor.js';
import type { HandlerRunner } from '../handler/handler-runner.js';
import { HandlersLocator } from '../handler/handlers-locator.js';
import type { IdempotentHandling } from '../inbox/idempotent-handling.js';
import { messageMetadata } from '../message/message-metadata.js';
import type { MessageRegistry } from '../message/message-registry.js';
import { RedispatchMessage } from '../message/redispatch.message.js';
import { type ChainLink, compose } from '../middleware/compose.js';
import { defaultChain } from '../middleware/default-chain.js';
import type { CurrentTransaction } from '../middleware/current-transaction.js';
import { CurrentDispatch } from '../middleware/dispatch-after-current-bus.middleware.js';
import type { Middleware, Next } from '../middleware/middleware.js';
import type { SignedTypes } from '../serializer/signing/signed-types.js';
import type { SendersLocator } from '../routing/senders-locator.js';
import type { TransportSender } from '../routing/transport-sender.js';
import { BusNameStamp } from '../stamp/bus-name.stamp.js';
import type { MessageLocks } from '../transport/message-locks.js';
import type { ProviderReference, ProviderReferences } from './provider-references.js';
import type { ResolvedBus, ResolvedMessengerOptions } from './resolved-options.js';
import { unknownRoutes } from './unknown-routes.js';

/** What {@link MessengerWiring} connects. */
export interface WiringParts {
  readonly options: ResolvedMessengerOptions;
  readonly providers: DiscoveredProviders;
  readonly references: ProviderReferences;
  readonly handlers: HandlerExplorer;
  readonly listeners: EventListenerExplorer;
  readonly events: MessengerEvents;
  readonly registry: MessageRegistry;
  readonly signedTypes: SignedTypes;
  readonly senders: SendersLocator;
  readonly sender: TransportSender;
  readonly locks: MessageLocks;
  readonly transactions: CurrentTransaction;
  readonly runner: HandlerRunner;
  readonly idempotentHandling: IdempotentHandling;
  readonly logger: MessengerLogger;
  /** Where the message of a `RedispatchMessage` goes. Asked for when every provider is made: the buses need the wiring first. */
  readonly redispatchBus: () => MessageBus;
}

/**
 * Connects the buses with the handlers and middleware of the application, once: when the application is initialized, or
 * with the first message if that is earlier, from another provider's `onModuleInit` for instance. What is wrong with a
 * handler fails both.
 */
export class MessengerWiring {
  readonly #parts: WiringParts;
  readonly #currentDispatch = new CurrentDispatch();
  readonly #middleware = new Map<string, ReadonlyArray<ProviderReference<Middleware>>>();
  readonly #locators = new Map<string, HandlersLocator>();
  #ready: Promise<readonly HandlerDescriptor[]> | undefined;
  #isConstructed = false;

  constructor(parts: WiringParts) {
    this.#parts = parts;
    for (const { name, middleware } of parts.options.buses.values()) {
      const use = { where: `Bus "${name}"`, option: 'middleware', methods: ['handle'] };
      this.#middleware.set(
        name,
        middleware.map((given) => parts.references.to<Middleware>(given, use)),
      );
    }
  }

  /** Called when Nest has made every provider. @throws whatever is wrong with a handler, a listener or a reference. */
  async initialize(): Promise<void> {
    this.#isConstructed = true;
    await this.ready();
  }

  /**
   * Resolves with the handlers of the application, once everything is connected.
   *
   * @throws NotReadyError while Nest still makes providers; and as {@link initialize}.
   */
  async ready(): Promise<readonly HandlerDescriptor[]> {
    if (!this.#isConstructed) {
      this.#parts.providers.assertConstructed('A message was dispatched');
      this.#isConstructed = true;
    }
    return (this.#ready ??= this.#connect());
  }

  /** The middleware of a bus, composed. Its first message waits for {@link ready}. */
  chainOf(bus: ResolvedBus): Next {
    let chain: Next | undefined;
    return (envelope) => {
      if (chain !== undefined) {
        return chain(envelope);
      }
      return this.ready().then((descriptors) => {
        chain ??= this.#compose(bus, descriptors);
        return chain(envelope);
      });
    };
  }

  /**
   * The names of the handlers of a message, as far as its bus has been used.
   *
   * @param busName instead of the bus that the message names.
   */
  handlerNamesOf(envelope: Envelope, busName?: string): readonly string[] {
    const name = busName ?? envelope.last(BusNameStamp)?.busName ?? this.#parts.options.defaultBus;
    return (this.#locators.get(name)?.handlersOf(envelope) ?? []).map((handler) => handler.name);
  }

  /** The middleware of a bus, in the order in which they run. Those that are not trusted are the application's. */
  async linksOf(bus: ResolvedBus): Promise<readonly ChainLink[]> {
    return this.#links(bus, await this.ready());
  }

  async #connect(): Promise<readonly HandlerDescriptor[]> {
    const { handlers, listeners, events, references, providers, options, registry, logger } = this.#parts;
    if (providers.under(MessengerWiring).length > 1) {
      throw new ModuleImportedTwiceError();
    }
    const found = [...handlers.explore(), redispatchDescriptor(this.#parts.redispatchBus())];
    const descriptors = found.map((descriptor) => this.#parts.idempotentHandling.prepare(descriptor));
    this.#register(descriptors);
    this.#assertDefaultTransports();
    unknownRoutes(options.routing, registry).forEach((text) => logger.log('warn', text));
    await references.resolveAll();
    listeners.attachTo(events);
    return descriptors;
  }

  #register(descriptors: readonly HandlerDescriptor[]): void {
    for (const { handles, options } of descriptors) {
      if (options.sign === true) {
        this.#parts.signedTypes.add(handles);
      }
      if (typeof handles !== 'string') {
        this.#parts.registry.register(handles);
      }
    }
  }

  /** @throws UnknownTransportError for a transport that `@AsMessage` names, and that does not exist. */
  #assertDefaultTransports(): void {
    const { registry, options } = this.#parts;
    const known = [...options.transports.keys()];
    for (const name of registry.names()) {
      const type = registry.typeOf(name);
      const transports = type === undefined ? [] : [messageMetadata(type)?.transport ?? []].flat();
      const unknown = transports.find((transport) => !options.transports.has(transport));
      if (unknown !== undefined) {
        throw new UnknownTransportError(unknown, known, `@AsMessage of class "${type?.name ?? name}"`);
      }
    }
  }

  #compose(bus: ResolvedBus, descriptors: readonly HandlerDescriptor[]): Next {
    return compose(this.#links(bus, descriptors));
  }

  #links(bus: ResolvedBus, descriptors: readonly HandlerDescriptor[]): readonly ChainLink[] {
    const { options, registry, runner, senders, sender, locks, transactions, events } = this.#parts;
    const ofBus = descriptors.filter(({ options: { bus: only } }) => only === undefined || only === bus.name);
    const handlers = new HandlersLocator(ofBus, registry);
    this.#locators.set(bus.name, handlers);
    return defaultChain({
      busName: bus.name,
      middleware: (this.#middleware.get(bus.name) ?? []).map(({ instance }) => instance),
      isBare: !bus.defaultMiddleware,
      maxDeliveries: options.maxDeliveries,
      failureTransports: failureTransportsOf(options),
      currentDispatch: this.#currentDispatch,
      handlers,
      runner,
      allowNoHandlers: bus.allowNoHandlers,
      senders,
      sender,
      locks,
      transactions,
      events,
      allowNoSenders: bus.allowNoSenders,
    });
  }
}

function failureTransportsOf({ transports }: ResolvedMessengerOptions): ReadonlySet<string> {
  const names = Array.from(transports.values(), ({ failureTransport }) => failureTransport);
  return new Set(names.filter((name) => name !== undefined));
}

function redispatchDescriptor(bus: MessageBus): HandlerDescriptor {
  const handler = new RedispatchMessageHandler(bus);
  return {
    name: 'RedispatchMessageHandler.handle',
    handles: RedispatchMessage,
    options: {},
    call: (message) => handler.handle(message as RedispatchMessage),
  };
}
