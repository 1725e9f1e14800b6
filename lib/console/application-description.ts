import { Envelope } from '../envelope/envelope.js';
import type { HandlerDescriptor, HandlerOptions } from '../handler/handler-descriptor.js';
import { HandlersLocator } from '../handler/handlers-locator.js';
import type { MessageClass } from '../message/message-class.js';
import { RedispatchMessage } from '../message/redispatch.message.js';
import type { ResolvedTransport } from '../module/resolved-options.js';
import { MultiplierRetryStrategy, type RetryOptions } from '../retry/multiplier.retry-strategy.js';
import type { RateLimitOptions } from '../worker/rate-limiter.js';
import type { MessengerServices } from './messenger-services.js';

/** A handler, and when it runs. */
export interface DescribedHandler extends HandlerOptions {
  /** `Class.method` */
  readonly name: string;
}

/** A transport without its secrets. */
export interface DescribedTransport {
  readonly dsn: string;
  /** Whether messages are handled where they are sent. */
  readonly isSync: boolean;
  /** The settings, or the class of a strategy of the application; `null`: no retries. */
  readonly retry: Required<RetryOptions> | string | null;
  readonly failureTransport: string | null;
  readonly rateLimit: RateLimitOptions | null;
  /** The transport that keeps its messages until they are forwarded to it. */
  readonly outbox: string | null;
  /** Whether everything is signed, and refused without a signature; `null`: only messages whose type asks for it. */
  readonly signing: { readonly as: string; readonly required: boolean } | null;
}

/** What is wired with what. */
export interface ApplicationDescription {
  readonly defaultBus: string;
  /** By bus and by message name or pattern: the handlers, in the order in which they run. */
  readonly buses: Readonly<Record<string, Readonly<Record<string, readonly DescribedHandler[]>>>>;
  /** By message name: the transports it goes to; none: it is handled where it is dispatched. */
  readonly routing: Readonly<Record<string, readonly string[]>>;
  readonly transports: Readonly<Record<string, DescribedTransport>>;
}

/** Collects what `debug` shows. @param busNames the buses to describe. */
export async function describeApplication(
  services: MessengerServices,
  busNames: readonly string[],
): Promise<ApplicationDescription> {
  const { options, registry, senders, wiring } = services;
  const descriptors = (await wiring.ready()).filter(({ handles }) => handles !== RedispatchMessage);
  const types = registry.names().map((name) => [name, registry.typeOf(name)] as const);
  // What the package itself brings along would only distract.
  const messages = types.filter(
    (entry): entry is readonly [string, MessageClass] =>
      entry[1] !== undefined && entry[1] !== RedispatchMessage,
  );
  const buses = busNames.map((bus) => [bus, handlersOn(bus, descriptors, messages, services)] as const);
  const handled = new Set(buses.flatMap(([, byMessage]) => Object.keys(byMessage)));
  const routing = messages
    .map(([name, type]) => [name, senders.routesOf(type)] as const)
    .filter(([name, transports]) => transports.length > 0 || handled.has(name));
  return {
    defaultBus: options.defaultBus,
    buses: Object.fromEntries(buses),
    routing: Object.fromEntries(routing),
    transports: Object.fromEntries(
      Array.from(options.transports, ([name, transport]) => [name, describeTransport(transport, services)]),
    ),
  };
}

function handlersOn(
  bus: string,
  descriptors: readonly HandlerDescriptor[],
  messages: ReadonlyArray<readonly [name: string, type: MessageClass]>,
  { registry }: MessengerServices,
): Readonly<Record<string, readonly DescribedHandler[]>> {
  const ofBus = descriptors.filter(({ options }) => (options.bus ?? bus) === bus);
  const locator = new HandlersLocator(ofBus, registry);
  const byMessage = messages.map(([name, type]) => {
    // The locator looks at the class only, so a message is not constructed.
    const message = Object.create(type.prototype as object) as object;
    return [name, locator.handlersOf(new Envelope(message))] as const;
  });
  const shown = new Set(byMessage.flatMap(([, handlers]) => handlers));
  // Patterns that match no message known here: those of other applications.
  const patterns = ofBus.filter((descriptor) => !shown.has(descriptor));
  const byPattern = patterns.map((descriptor) => [String(descriptor.handles), [descriptor]] as const);
  return Object.fromEntries(
    [...byMessage, ...byPattern]
      .filter(([, handlers]) => handlers.length > 0)
      .map(([name, handlers]) => [
        name,
        handlers.map(({ name: handler, options }) => ({ name: handler, ...options })),
      ]),
  );
}

function describeTransport(
  { name, dsn, isSync, failureTransport, rateLimit, outbox }: ResolvedTransport,
  { policies, options }: MessengerServices,
): DescribedTransport {
  const signing = options.signingPolicies.get(name);
  const strategy = isSync ? undefined : policies.get(name)?.retryStrategy;
  return {
    dsn: dsn.toString(),
    isSync,
    retry:
      strategy instanceof MultiplierRetryStrategy ? strategy.options : (strategy?.constructor.name ?? null),
    // The failure transport of the module is formally its own, too.
    failureTransport: isSync || failureTransport === name ? null : (failureTransport ?? null),
    rateLimit: rateLimit ?? null,
    outbox: outbox ?? null,
    signing: signing?.isSigned === true ? { as: signing.scope, required: signing.isRequired } : null,
  };
}
