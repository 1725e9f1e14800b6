import { MissingMethodError } from '../errors/missing-method.error.js';
import type { DiscoveredProvider } from './discovered-provider.js';

/** Calls a method of a provider; `subject` is the request that request-scoped providers are made for. */
export type ProviderMethod = (subject: object, args: readonly unknown[]) => unknown;

type Method = (...args: readonly unknown[]) => unknown;

/** A method of a provider, looked up at each call, on the instance that serves the subject. */
export function providerMethod(provider: DiscoveredProvider, name: string | symbol): ProviderMethod {
  if (provider.isStatic) {
    const instance = provider.instance as object;
    return (_, args) => call(instance, name, args);
  }
  return async (subject, args) => call(await provider.resolve(subject), name, args);
}

function call(instance: unknown, name: string | symbol, args: readonly unknown[]): unknown {
  return ((instance as Record<string | symbol, unknown>)[name] as Method).apply(instance, args as unknown[]);
}

/**
 * Checks that a provider has a method, without calling a getter.
 *
 * @param where whose method it is, e.g. `Handler "Stock.reserve"`.
 * @throws MissingMethodError
 */
export function assertMethod(provider: DiscoveredProvider, name: string | symbol, where: string): void {
  const { type, name: className } = provider;
  const host: unknown = provider.isStatic ? provider.instance : (type?.prototype as unknown);
  if (host === undefined && !provider.isStatic) {
    // A scoped factory: what it makes is seen with the first message.
    return;
  }
  const property = propertyOf(host, name);
  if (typeof property?.value !== 'function') {
    const isStaticMethod = typeof propertyOf(type, name)?.value === 'function';
    throw new MissingMethodError(
      where,
      className,
      String(name),
      reason(String(name), property, isStaticMethod),
    );
  }
}

function reason(name: string, property: PropertyDescriptor | undefined, isStaticMethod: boolean): string {
  if (isStaticMethod) {
    return `has "${name}" as a static method. Only methods of its instances can be called; remove "static"`;
  }
  return property === undefined
    ? `has no method "${name}". Write it, or correct the name`
    : `has "${name}", but it is no method. Make it one`;
}

function propertyOf(host: unknown, name: string | symbol): PropertyDescriptor | undefined {
  for (
    let current: unknown = host;
    (typeof current === 'object' || typeof current === 'function') && current !== null;
    current = Object.getPrototypeOf(current)
  ) {
    const property = Object.getOwnPropertyDescriptor(current, name);
    if (property !== undefined) {
      return property;
    }
  }
  return undefined;
}
