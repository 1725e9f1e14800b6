import { InvalidUsageError } from '../errors/invalid-usage.error.js';
import { quoted } from '../errors/quoted.js';
import type { ReceiverRequest } from './consume-request.js';
import { knownName } from './known-names.js';

/**
 * The receivers to consume, in order of priority: those named, all of them, or the only one there is. `undefined` if
 * somebody has to choose.
 *
 * @param consumable the transports a worker can consume, in the order of the configuration.
 * @param others the other transports: those that handle at once, such as `sync://`.
 * @throws InvalidUsageError for a name that does not exist or cannot be consumed, or if nothing is left.
 */
export function selectReceivers(
  request: ReceiverRequest,
  consumable: readonly string[],
  others: readonly string[] = [],
): readonly string[] | undefined {
  if (consumable.length === 0) {
    throw new InvalidUsageError(
      `There is nothing to consume: no transport keeps messages (configured: ${quoted(others)}).`,
    );
  }
  if (request.all) {
    return withoutExcluded(request.excluded, consumable, others);
  }
  if (request.names.length > 0) {
    return unique(request.names.flatMap((name) => resolveName(name, consumable, others)));
  }
  return consumable.length === 1 ? consumable : undefined;
}

/** Says that receivers must be named, and which there are. */
export function receiversRequired(consumable: readonly string[]): InvalidUsageError {
  return new InvalidUsageError(
    `Name the receivers to consume, the first having the highest priority, or use "--all". ` +
      `Receivers: ${quoted(consumable)}.`,
    consumable,
  );
}

function withoutExcluded(
  excluded: readonly string[],
  consumable: readonly string[],
  others: readonly string[],
): readonly string[] {
  const left = new Set(consumable);
  for (const name of excluded) {
    if (!others.includes(name)) {
      resolveName(name, consumable, others).forEach((resolved) => left.delete(resolved));
    }
  }
  if (left.size === 0) {
    throw new InvalidUsageError(
      `All receivers have been excluded; leave at least one of ${quoted(consumable)}.`,
      consumable,
    );
  }
  return [...left];
}

function resolveName(
  name: string,
  consumable: readonly string[],
  others: readonly string[],
): readonly string[] {
  if (consumable.includes(name)) {
    return [name];
  }
  if (others.includes(name)) {
    throw new InvalidUsageError(
      `The receiver "${name}" cannot be consumed: its messages are handled where they are dispatched. ` +
        `Receivers: ${quoted(consumable)}.`,
      consumable,
    );
  }
  const pattern = /^\/(.+)\/([imsu]*)$/s.exec(name);
  const matching = pattern === null ? [] : namesMatching(name, pattern, consumable);
  return matching.length > 0 ? matching : [knownName('receiver', name, consumable)];
}

function namesMatching(
  name: string,
  [, source = '', flags = '']: RegExpExecArray,
  consumable: readonly string[],
): readonly string[] {
  try {
    const expression = new RegExp(source, flags);
    return consumable.filter((candidate) => expression.test(candidate));
  } catch {
    throw new InvalidUsageError(`The receiver "${name}" is not a valid regular expression.`);
  }
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
