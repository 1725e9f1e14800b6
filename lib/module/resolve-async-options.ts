import { assertKeys, assertList, kindOf, type OptionKeys } from '../discovery/option-checks.js';
import { AsyncNamesMismatchError } from '../errors/async-names-mismatch.error.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import type { MessengerAsyncOptions } from './messenger-options.js';
import { DEFAULT_BUS } from './resolve-buses.js';
import { resolveMessengerOptions } from './resolve-options.js';
import type { ResolvedMessengerOptions } from './resolved-options.js';

const WHERE = 'MessengerModule.forRootAsync()';

const KEYS: OptionKeys<MessengerAsyncOptions> = {
  transports: true,
  buses: true,
  imports: true,
  inject: true,
  useFactory: true,
};

/**
 * Calls the factory of `forRootAsync`, and checks what it returns against the names beside it.
 *
 * @param args what the factory asked for in `inject`.
 * @throws UnknownOptionError, InvalidOptionError, AsyncNamesMismatchError; and as {@link resolveMessengerOptions}.
 */
export async function resolveAsyncOptions(
  options: MessengerAsyncOptions,
  args: never[],
): Promise<ResolvedMessengerOptions> {
  assertKeys(WHERE, 'options', options, KEYS);
  assertList(WHERE, 'transports', options.transports);
  assertList(WHERE, 'buses', options.buses);
  if (typeof options.useFactory !== 'function') {
    const got = kindOf(options.useFactory);
    throw new InvalidOptionError(
      WHERE,
      'useFactory',
      `must be a function that returns the options of forRoot(), got ${got}`,
    );
  }
  const returned: unknown = await options.useFactory(...args);
  if (typeof returned !== 'object' || returned === null) {
    throw new InvalidOptionError(
      WHERE,
      'useFactory',
      `must return the options of forRoot(), it returned ${kindOf(returned)}`,
    );
  }
  const resolved = resolveMessengerOptions(returned);
  assertAsyncNames(options, resolved);
  return resolved;
}

/**
 * Checks that what the factory of `forRootAsync` returned has the names that were given beside it.
 *
 * @throws AsyncNamesMismatchError
 */
function assertAsyncNames(
  { transports = [], buses = [DEFAULT_BUS] }: MessengerAsyncOptions,
  resolved: ResolvedMessengerOptions,
): void {
  assertSameNames('transports', transports, [...resolved.transports.keys()]);
  assertSameNames('buses', buses, [...resolved.buses.keys()]);
}

function assertSameNames(
  option: 'transports' | 'buses',
  announced: readonly string[],
  actual: readonly string[],
): void {
  const unannounced = actual.filter((name) => !announced.includes(name));
  const missing = announced.filter((name) => !actual.includes(name));
  if (unannounced.length > 0 || missing.length > 0) {
    throw new AsyncNamesMismatchError(option, unannounced, missing);
  }
}
