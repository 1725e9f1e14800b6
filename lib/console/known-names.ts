import { InvalidUsageError } from '../errors/invalid-usage.error.js';
import { nearestName } from '../errors/nearest-name.js';
import { quoted } from '../errors/quoted.js';

/**
 * A name from the command line, if it is one of those that are known.
 *
 * @param kind what it is the name of, e.g. `transport`.
 * @throws InvalidUsageError with the nearest and all known names.
 */
export function knownName(kind: string, name: string, known: readonly string[]): string {
  if (known.includes(name)) {
    return name;
  }
  const nearest = nearestName(name, known);
  throw new InvalidUsageError(
    `The ${kind} "${name}" does not exist.${nearest === undefined ? '' : ` Did you mean "${nearest}"?`} ` +
      `Known ${kind.endsWith('s') ? `${kind}es` : `${kind}s`}: ${quoted(known)}.`,
    known,
  );
}
