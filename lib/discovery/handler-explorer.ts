import { type HandlerDeclaration, handlerDeclarations } from '../decorator/handler-metadata.js';
import { DuplicateHandlerError } from '../errors/duplicate-handler.error.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { MisplacedHandlerError } from '../errors/misplaced-handler.error.js';
import { UnknownProviderError } from '../errors/unknown-provider.error.js';
import type { HandlerDescriptor, HandlerFunction } from '../handler/handler-descriptor.js';
import type { DiscoveredProvider } from './discovered-provider.js';
import type { DiscoveredProviders } from './discovered-providers.js';
import { handledTypesOf } from './handled-types.js';
import { type KnownNames, resolveHandlerOptions } from './handler-options.js';
import { assertMethod, providerMethod } from './provider-method.js';
import { type HandlerRegistration, RegisteredHandlers } from './registered-handlers.js';

/** A handler that was found, and not yet checked. */
interface FoundHandler {
  readonly name: string;
  readonly provider: DiscoveredProvider;
  readonly declaration: HandlerDeclaration;
}

/** Finds the handlers among the providers of an application: the decorated ones, and those of `forFeature()`. */
export class HandlerExplorer {
  readonly #providers: DiscoveredProviders;
  readonly #known: KnownNames;

  /** @param known the buses and transports that handlers may refer to. */
  constructor(providers: DiscoveredProviders, known: KnownNames) {
    this.#providers = providers;
    this.#known = known;
  }

  /**
   * One descriptor for each handler and each type it handles.
   *
   * @throws what is wrong with a handler: UnreadableHandledTypeError, InvalidPatternError, MissingMethodError,
   * DuplicateHandlerError, MisplacedHandlerError, UnknownProviderError, and those of `resolveHandlerOptions`.
   */
  explore(): readonly HandlerDescriptor[] {
    const providers = this.#providers.all();
    this.#assertNotOnControllers(providers);
    const found = [...providers.flatMap(decoratedHandlers), ...this.#registeredHandlers(providers)];
    assertDistinct(found);
    return found.flatMap((handler) => this.#describe(handler));
  }

  #assertNotOnControllers(providers: readonly DiscoveredProvider[]): void {
    const provided = new Set(providers.map(({ type }) => type));
    const misplaced = this.#providers.controllers().filter(({ type }) => !provided.has(type));
    const [handler] = misplaced.flatMap(decoratedHandlers);
    if (handler !== undefined) {
      throw new MisplacedHandlerError(handler.name, handler.provider.moduleName);
    }
  }

  #registeredHandlers(providers: readonly DiscoveredProvider[]): readonly FoundHandler[] {
    return providers
      .map(({ instance }) => instance)
      .filter((instance) => instance instanceof RegisteredHandlers)
      .flatMap(({ registrations }) => registrations)
      .flatMap((registration) =>
        this.#providersOf(registration).map((provider) => found(provider, registration)),
      );
  }

  #providersOf({ provider: token }: HandlerRegistration): readonly DiscoveredProvider[] {
    const providers = this.#providers.under(token);
    if (providers.length === 0) {
      throw new UnknownProviderError(
        'MessengerModule.forFeature()',
        typeof token === 'function' ? token.name : String(token),
        'Provide it in a module, or correct "provider".',
      );
    }
    return providers;
  }

  #describe({ name, provider, declaration }: FoundHandler): readonly HandlerDescriptor[] {
    const { options: written, method, target } = declaration;
    const where = `Handler "${name}"`;
    const options = resolveHandlerOptions(name, written, this.#known);
    if (target === 'method' && written.method !== undefined) {
      throw new InvalidOptionError(
        where,
        'method',
        'is for a decorator on a class; on a method, that method is the handler',
      );
    }
    assertMethod(provider, method, where);
    const call = handlerFunction(provider, method);
    return handledTypesOf(name, declaration, provider.type).map((handles) => ({
      name,
      handles,
      options,
      call,
    }));
  }
}

function decoratedHandlers(provider: DiscoveredProvider): readonly FoundHandler[] {
  return provider.type === undefined
    ? []
    : handlerDeclarations(provider.type).map((declaration) => ({
        name: nameOf(provider, declaration),
        provider,
        declaration,
      }));
}

function found(provider: DiscoveredProvider, registration: HandlerRegistration): FoundHandler {
  const { handles, provider: _, ...options } = registration;
  const declaration: HandlerDeclaration = {
    target: 'class',
    method: options.method ?? 'handle',
    types: Array.isArray(handles) ? (handles as unknown[]) : [handles],
    options: { ...options },
  };
  return { name: nameOf(provider, declaration), provider, declaration };
}

function nameOf({ name }: DiscoveredProvider, { options, method }: HandlerDeclaration): string {
  return options.name ?? `${name}.${typeof method === 'symbol' ? (method.description ?? '') : method}`;
}

/** Several declarations on one method of one provider share a name; nothing else may. */
function assertDistinct(handlers: readonly FoundHandler[]): void {
  const byName = new Map<string, FoundHandler>();
  for (const handler of handlers) {
    const other = byName.get(handler.name) ?? handler;
    const isSameMethod = other.declaration.method === handler.declaration.method;
    if (!isSameMethod || other.provider.identity !== handler.provider.identity) {
      throw new DuplicateHandlerError(
        handler.name,
        [other.provider.moduleName, handler.provider.moduleName],
        isSameMethod && other.provider.type === handler.provider.type,
      );
    }
    byName.set(handler.name, other);
  }
}

function handlerFunction(provider: DiscoveredProvider, method: string | symbol): HandlerFunction {
  const call = providerMethod(provider, method);
  return (subject, context, ...additional) => call(context.envelope, [subject, context, ...additional]);
}
