import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { DiscoveredProviders } from '../discovery/discovered-providers.js';
import { kindOf } from '../discovery/option-checks.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { NotReadyError } from '../errors/not-ready.error.js';
import { UnknownProviderError } from '../errors/unknown-provider.error.js';
import type { InstanceOrProvider, ProviderToken } from './messenger-options.js';

/** Where an option stands, for errors, and what its value must be able to do. */
export interface ReferenceUse {
  /** Whose option it is, e.g. `Transport "async"`. */
  readonly where: string;
  readonly option: string;
  readonly methods: readonly string[];
  /** Says what else is wrong with an instance, completing `option "x" …`; nothing if all is well. */
  readonly check?: (instance: object) => string | undefined;
}

/** An instance that the configuration gives, or names by its class or token. */
export interface ProviderReference<T> {
  /** @throws NotReadyError until {@link ProviderReferences.resolveAll} has run. */
  readonly instance: T;
}

/**
 * Turns what the configuration names by class or token into instances. Providers of other modules exist only once Nest
 * has made them all, so a reference is made first, and resolved when the messenger gets ready.
 */
export class ProviderReferences {
  readonly #providers: DiscoveredProviders;
  readonly #moduleRef: ModuleRef;
  readonly #unresolved: Array<() => Promise<void>> = [];
  /** Made here, since no module provides them; one for each class. */
  readonly #created = new Map<unknown, Promise<unknown>>();

  constructor(providers: DiscoveredProviders, moduleRef: ModuleRef) {
    this.#providers = providers;
    this.#moduleRef = moduleRef;
  }

  to<T extends object>(given: InstanceOrProvider<T>, use: ReferenceUse): ProviderReference<T> {
    const reference = new DeferredInstance<T>(use);
    if (typeof given === 'function' || typeof given === 'string' || typeof given === 'symbol') {
      this.#unresolved.push(async () => reference.set(await this.#find(given, use)));
    } else {
      reference.set(given);
    }
    return reference;
  }

  /** Resolves the references made so far. @throws UnknownProviderError, InvalidOptionError */
  async resolveAll(): Promise<void> {
    for (const resolve of this.#unresolved.splice(0)) {
      await resolve();
    }
  }

  async #find(token: ProviderToken<object>, use: ReferenceUse): Promise<unknown> {
    const [provider] = this.#providers.under(token);
    if (provider === undefined) {
      return this.#create(token, use);
    }
    if (!provider.isStatic) {
      throw new InvalidOptionError(
        use.where,
        use.option,
        `names "${provider.name}", which is request-scoped or transient, or depends on something that is. One instance ` +
          'serves all messages at the same time: take the scope away, and keep what belongs to a message in local variables',
      );
    }
    return provider.instance;
  }

  #create(token: ProviderToken<object>, use: ReferenceUse): Promise<unknown> {
    if (typeof token !== 'function') {
      throw new UnknownProviderError(
        `${use.where}, "${use.option}"`,
        String(token),
        'Provide it in a module.',
      );
    }
    const created = this.#created.get(token) ?? this.#instantiate(token, use);
    this.#created.set(token, created);
    return created;
  }

  async #instantiate(type: NewableFunction, use: ReferenceUse): Promise<unknown> {
    try {
      return await this.#moduleRef.create(type as Type<unknown>);
    } catch (error) {
      throw new UnknownProviderError(
        `${use.where}, "${use.option}"`,
        type.name,
        'And it cannot be made without one, see the cause. Provide it in a module.',
        { cause: error },
      );
    }
  }
}

class DeferredInstance<T extends object> implements ProviderReference<T> {
  readonly #use: ReferenceUse;
  #instance: T | undefined;

  constructor(use: ReferenceUse) {
    this.#use = use;
  }

  get instance(): T {
    if (this.#instance === undefined) {
      throw new NotReadyError(`${this.#use.where}, "${this.#use.option}": it was used`);
    }
    return this.#instance;
  }

  set(instance: unknown): void {
    const { where, option, methods } = this.#use;
    const missing = methods.find((method) => !hasMethod(instance, method));
    if (missing !== undefined) {
      throw new InvalidOptionError(
        where,
        option,
        `must have a method "${missing}", which ${nameOf(instance)} has not`,
      );
    }
    this.#check(instance as T);
    this.#instance = instance as T;
  }

  #check(instance: T): void {
    const { where, option, check } = this.#use;
    if (check !== undefined) {
      const isObject = typeof instance === 'object' && instance !== null;
      const wrong = isObject ? check(instance) : `must be an object, got ${kindOf(instance)}`;
      if (wrong !== undefined) {
        throw new InvalidOptionError(where, option, wrong);
      }
    }
  }
}

function hasMethod(instance: unknown, method: string): boolean {
  return (
    typeof instance === 'object' &&
    instance !== null &&
    typeof (instance as Record<string, unknown>)[method] === 'function'
  );
}

function nameOf(instance: unknown): string {
  return typeof instance === 'object' && instance !== null
    ? `"${instance.constructor?.name ?? 'Object'}"`
    : kindOf(instance);
}
