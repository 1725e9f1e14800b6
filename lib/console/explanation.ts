import { Envelope } from '../envelope/envelope.js';
import { InvalidUsageError } from '../errors/invalid-usage.error.js';
import { quoted } from '../errors/quoted.js';
import type { HandlerDescriptor } from '../handler/handler-descriptor.js';
import { HandlersLocator } from '../handler/handlers-locator.js';
import type { MessageClass } from '../message/message-class.js';
import type { MessageRegistry } from '../message/message-registry.js';
import { RedispatchMessage } from '../message/redispatch.message.js';
import type { ResolvedTransport } from '../module/resolved-options.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import type { DescribedHandler } from './application-description.js';
import { GUARANTEE_AT_ONCE, guaranteeOf, type TransportWay } from './guarantee.js';
import { knownName } from './known-names.js';
import type { MessengerServices } from './messenger-services.js';
import { MIDDLEWARE_MEANINGS } from './middleware-meanings.js';
import { type RetryTimeline, retryTimeline } from './retry-timeline.js';

/** One middleware of the chain. */
export interface ExplainedMiddleware {
  /** Its class. */
  readonly name: string;
  /** What it does; `null` for one of the application. */
  readonly meaning: string | null;
}

/** The way over one transport. */
export interface ExplainedTransport {
  readonly name: string;
  /** Without secrets. */
  readonly dsn: string;
  readonly outbox: string | null;
  /** Those that run in a worker, in order. */
  readonly handlers: readonly DescribedHandler[];
  readonly retry: RetryTimeline;
  readonly failureTransport: string | null;
  /** Sentences. */
  readonly guarantee: readonly string[];
}

/** The life of a message before it happens. */
export interface Explanation {
  /** Its name on the wire. */
  readonly message: string;
  /** Its class. */
  readonly class: string;
  readonly bus: string;
  /** Whether the bus accepts a message that nobody handles. */
  readonly allowNoHandlers: boolean;
  /** Other buses on which it has handlers. */
  readonly otherBuses: readonly string[];
  readonly middleware: readonly ExplainedMiddleware[];
  /** The handlers that run where it is dispatched, because it is sent nowhere, or to a transport that handles at once. */
  readonly atOnce: {
    readonly handlers: readonly DescribedHandler[];
    readonly guarantee: readonly string[];
  } | null;
  readonly transports: readonly ExplainedTransport[];
}

/**
 * Tells what happens to a message of a type when it is dispatched, by the configuration; connects to nothing.
 *
 * @param name on the wire, an alias of it, or the name of its class.
 * @param bus where it is dispatched. @default the default bus, or the first one with handlers if that one has none
 * @throws InvalidUsageError for a type or a bus that does not exist.
 */
export async function explain(services: MessengerServices, name: string, bus?: string): Promise<Explanation> {
  const { registry, options, wiring, senders } = services;
  const descriptors = await wiring.ready();
  const type = knownType(registry, name);
  const onBus = (busName: string, transport?: string): readonly DescribedHandler[] =>
    handlersOn(registry, descriptors, busName, type, transport);
  const buses = [...options.buses.keys()];
  const handling = buses.filter((each) => onBus(each).length > 0);
  const chosen = bus === undefined ? usualBus(options.defaultBus, handling) : knownName('bus', bus, buses);
  const names = senders.routesOf(type);
  const isAtOnce = (transport: string): boolean => options.transports.get(transport)?.isSync === true;
  const resolvedBus = options.buses.get(chosen);
  const links = resolvedBus === undefined ? [] : await wiring.linksOf(resolvedBus);
  return {
    message: registry.nameOfType(type),
    class: type.name,
    bus: chosen,
    allowNoHandlers: resolvedBus?.allowNoHandlers === true,
    otherBuses: handling.filter((each) => each !== chosen),
    middleware: links.map(({ middleware, isTrusted }) => ({
      name: middleware.constructor.name,
      meaning: isTrusted ? (MIDDLEWARE_MEANINGS[middleware.constructor.name] ?? '') : null,
    })),
    atOnce:
      names.length === 0 || names.some(isAtOnce)
        ? { handlers: onBus(chosen), guarantee: GUARANTEE_AT_ONCE }
        : null,
    transports: names
      .filter((each) => !isAtOnce(each))
      .flatMap((each) => options.transports.get(each) ?? [])
      .map((definition) => explainTransport(services, type, definition, onBus(chosen, definition.name))),
  };
}

function usualBus(defaultBus: string, handling: readonly string[]): string {
  return handling.includes(defaultBus) ? defaultBus : (handling[0] ?? defaultBus);
}

function explainTransport(
  services: MessengerServices,
  type: MessageClass,
  { name, dsn, outbox }: ResolvedTransport,
  handlers: readonly DescribedHandler[],
): ExplainedTransport {
  const { transports, policies } = services;
  const { retryStrategy, failureTransport: target } = policies.get(name) ?? {};
  const failureTransport = target === name ? undefined : target;
  return {
    name,
    dsn: dsn.toString(),
    outbox: outbox ?? null,
    handlers,
    retry: retryTimeline(retryStrategy, failureTransport),
    failureTransport: failureTransport ?? null,
    guarantee: guaranteeOf({
      name,
      transport: transports.get(name),
      outbox,
      failure:
        failureTransport === undefined
          ? undefined
          : { name: failureTransport, transport: transports.get(failureTransport) },
      handlers: handlers.map((handler) => handler.name),
      idempotent: handlers.filter(({ idempotent }) => idempotent === true).map((handler) => handler.name),
      signature: signatureOf(services, type, name),
    }),
  };
}

function signatureOf(
  { options, signedTypes }: MessengerServices,
  type: MessageClass,
  transport: string,
): TransportWay['signature'] {
  const policy = options.signingPolicies.get(transport);
  const isSignedType = signedTypes.include(type);
  return policy !== undefined && (policy.isSigned || isSignedType)
    ? { scope: policy.scope, isRequired: policy.isRequired || isSignedType }
    : undefined;
}

/** The handlers on a bus, in order. @param transport where it was received; without it, where it is dispatched. */
function handlersOn(
  registry: MessageRegistry,
  descriptors: readonly HandlerDescriptor[],
  bus: string,
  type: MessageClass,
  transport: string | undefined,
): readonly DescribedHandler[] {
  const ofBus = descriptors.filter(({ options }) => (options.bus ?? bus) === bus);
  // The locator looks at the class only, so a message is not constructed.
  const message = Object.create(type.prototype as object) as object;
  const envelope = new Envelope(message, transport === undefined ? [] : [new ReceivedStamp(transport)]);
  return new HandlersLocator(ofBus, registry)
    .handlersOf(envelope)
    .map(({ name, options }) => ({ name, ...options }));
}

/** @throws InvalidUsageError with the nearest and all known names. */
function knownType(registry: MessageRegistry, name: string): MessageClass {
  const exact = registry.typeOf(name);
  if (exact !== undefined) {
    return exact;
  }
  const types = registry.names().flatMap((each) => registry.typeOf(each) ?? []);
  const known = types.filter((type) => type !== RedispatchMessage);
  const ofClass = known.filter((type) => type.name === name);
  if (ofClass.length > 1) {
    const names = ofClass.map((type) => registry.nameOfType(type));
    throw new InvalidUsageError(
      `Several messages have the class "${name}". Name one: ${quoted(names)}.`,
      names,
    );
  }
  const [only] = ofClass;
  const names = known.map((type) => registry.nameOfType(type));
  return only ?? (registry.typeOf(knownName('message', name, names)) as MessageClass);
}
