import { ContextIdFactory, ModuleRef } from '@nestjs/core';
import { isUnderConstruction } from './provider-construction.js';
import type { ProviderRecord } from './provider-record.js';

/** A provider of the application: its class, and the instance that works on a given message. */
export class DiscoveredProvider {
  readonly #record: ProviderRecord;
  /** Its class; `undefined` for a value without one, and for a scoped factory, whose values do not exist yet. */
  readonly type: NewableFunction | undefined;

  constructor(record: ProviderRecord) {
    this.#record = record;
    this.type = typeOf(record);
  }

  get token(): unknown {
    return this.#record.token;
  }

  /** For texts: the name of the class, else of the token. */
  get name(): string {
    const { token } = this.#record;
    return this.type?.name ?? (typeof token === 'function' ? token.name : String(token));
  }

  get moduleName(): string {
    return this.#record.host?.name ?? 'unknown';
  }

  /** Whether one instance serves the whole application. */
  get isStatic(): boolean {
    return !this.#record.isTransient && this.#record.isDependencyTreeStatic();
  }

  /** The instance of a static provider. Of any other it lacks its dependencies, if there is one at all. */
  get instance(): unknown {
    return this.#record.instance;
  }

  /** Equal for two of these exactly if they stand for one provider. */
  get identity(): unknown {
    return this.isStatic ? this.#record.instance : this.#record;
  }

  /** Whether Nest has yet to make its instance; see {@link isUnderConstruction}. */
  get isUnderConstruction(): boolean {
    return isUnderConstruction(this.#record);
  }

  /**
   * Makes an instance of a provider that is not static, its request-scoped dependencies included. Inside, the token
   * `REQUEST` stands for `subject`; in a durable provider for the payload of the application's `ContextIdStrategy`.
   */
  async resolve(subject: object): Promise<unknown> {
    const record = this.#record;
    const moduleRef = record.host?.getProviderByKey<ModuleRef>(ModuleRef).instance;
    if (moduleRef === undefined) {
      return record.instance;
    }
    const contextId = ContextIdFactory.getByRequest(subject);
    // What a durable provider is made for outlives the message, so it gets what the strategy says, as with HTTP.
    const isShared = contextId.getParent !== undefined && record.isDependencyTreeDurable();
    const request: unknown = isShared ? contextId.payload : subject;
    moduleRef.registerRequestByContextId(request, contextId);
    return moduleRef.resolve<unknown>(record.token as string, contextId);
  }
}

/** The class of a provider. It calls nothing of the instance: a getter or a proxy of the application may throw. */
function typeOf({ metatype, isFactory, instance }: ProviderRecord): NewableFunction | undefined {
  if (metatype && !isFactory) {
    return metatype as NewableFunction;
  }
  try {
    const prototype: unknown = isObject(instance) ? Object.getPrototypeOf(instance) : undefined;
    const type: unknown = isObject(prototype)
      ? Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
      : undefined;
    return typeof type === 'function' && type !== Object ? type : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
