import { assertBoolean, assertKeys, assertList, type OptionKeys } from '../discovery/option-checks.js';
import { MissingDefaultBusError } from '../errors/missing-default-bus.error.js';
import { UnknownBusError } from '../errors/unknown-bus.error.js';
import type { BusOptions, MessengerOptions } from './messenger-options.js';
import type { ResolvedBus } from './resolved-options.js';

/** The name of the bus of an application that configures none. */
export const DEFAULT_BUS = 'default';

const KEYS: OptionKeys<BusOptions> = {
  middleware: true,
  allowNoHandlers: true,
  allowNoSenders: true,
  defaultMiddleware: true,
};

/** @throws InvalidOptionError, UnknownOptionError */
export function resolveBuses({ buses = {} }: MessengerOptions): ReadonlyMap<string, ResolvedBus> {
  const names = Object.keys(buses);
  return new Map(
    (names.length === 0 ? [DEFAULT_BUS] : names).map((name) => [name, resolveBus(name, buses[name] ?? {})]),
  );
}

/** @throws MissingDefaultBusError, UnknownBusError */
export function resolveDefaultBus(
  { defaultBus }: MessengerOptions,
  buses: ReadonlyMap<string, ResolvedBus>,
): string {
  const names = [...buses.keys()];
  const only = names.length === 1 ? names[0] : undefined;
  const name = defaultBus ?? only;
  if (name === undefined) {
    throw new MissingDefaultBusError(names);
  }
  if (!buses.has(name)) {
    throw new UnknownBusError(name, names, 'MessengerModule, "defaultBus"');
  }
  return name;
}

function resolveBus(name: string, options: BusOptions): ResolvedBus {
  const where = `Bus "${name}"`;
  assertKeys(where, 'buses', options, KEYS);
  assertList(where, 'middleware', options.middleware);
  assertBoolean(where, 'allowNoHandlers', options.allowNoHandlers);
  assertBoolean(where, 'allowNoSenders', options.allowNoSenders);
  assertBoolean(where, 'defaultMiddleware', options.defaultMiddleware);
  return {
    name,
    middleware: options.middleware ?? [],
    allowNoHandlers: options.allowNoHandlers ?? false,
    allowNoSenders: options.allowNoSenders ?? true,
    defaultMiddleware: options.defaultMiddleware ?? true,
  };
}
