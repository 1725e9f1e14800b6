import { assertList, IMPORT_CYCLE_HINT, kindOf } from '../discovery/option-checks.js';
import { EmptyRouteError } from '../errors/empty-route.error.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import { assertPattern } from '../message/message-pattern.js';
import type { Route } from '../routing/senders-locator.js';
import type { MessengerOptions } from './messenger-options.js';

const WHERE = 'MessengerModule';

/**
 * The routes as written, checked. Several routes of one type add up.
 *
 * @throws InvalidOptionError, InvalidPatternError, EmptyRouteError, UnknownTransportError
 */
export function resolveRouting(
  { routing = [] }: MessengerOptions,
  transports: readonly string[],
): readonly Route[] {
  assertList(WHERE, 'routing', routing);
  routing.forEach((route, index) => assertRoute(route, index, transports));
  return routing;
}

function assertRoute(route: unknown, index: number, transports: readonly string[]): void {
  const isPair = Array.isArray(route) && route.length === 2;
  if (!isPair) {
    throw new InvalidOptionError(
      WHERE,
      'routing',
      `must be a list of pairs such as [OrderPlaced, "async"], which no. ${index + 1} is not`,
    );
  }
  const [type, targets] = route as [unknown, unknown];
  assertType(type, index);
  const name = typeof type === 'string' ? type : (type as { readonly name: string }).name;
  const names: readonly unknown[] = Array.isArray(targets) ? targets : [targets];
  if (names.length === 0 || names.includes(undefined)) {
    throw new EmptyRouteError(name);
  }
  for (const target of names) {
    if (!transports.includes(target as string)) {
      throw new UnknownTransportError(String(target), transports, `The route of "${name}"`);
    }
  }
}

function assertType(type: unknown, index: number): void {
  if (typeof type === 'string') {
    assertPattern(type, `${WHERE}, "routing"`);
  } else if (typeof type !== 'function') {
    const hint = type === undefined ? IMPORT_CYCLE_HINT : '';
    throw new InvalidOptionError(
      WHERE,
      'routing',
      `must route message classes, names or patterns; no. ${index + 1} routes ${kindOf(type)}${hint}`,
    );
  }
}
