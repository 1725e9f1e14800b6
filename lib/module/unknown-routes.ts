import { nearestName } from '../errors/nearest-name.js';
import { isPattern } from '../message/message-pattern.js';
import type { MessageRegistry } from '../message/message-registry.js';
import type { Route } from '../routing/senders-locator.js';

/**
 * One text for each route whose plain name belongs to no registered message: most likely a typing error, with which messages
 * would be handled where they are dispatched. No error, since an application that only sends may know a type too late.
 */
export function unknownRoutes(routing: readonly Route[], registry: MessageRegistry): readonly string[] {
  const known = registry.names();
  return routing
    .map(([type]) => type)
    .filter((type) => typeof type === 'string')
    .filter((name) => !isPattern(name) && !known.includes(name))
    .map((name) => {
      const nearest = nameMeant(name, known, registry);
      return (
        `The route of "${name}" belongs to no message that is known here.` +
        `${nearest === undefined ? '' : ` Did you mean "${nearest}"?`} ` +
        'Correct the name, or add the class to the option "messages".'
      );
    });
}

/** A class may go by its alias or its own name in a route only if that is its name on the wire. */
function nameMeant(name: string, known: readonly string[], registry: MessageRegistry): string | undefined {
  const byClass = known.find((wireName) => registry.typeOf(wireName)?.name === name);
  const aliased = registry.typeOf(name);
  return aliased === undefined ? (byClass ?? nearestName(name, known)) : registry.nameOfType(aliased);
}
