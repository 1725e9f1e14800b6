import { InvalidFailureTransportError } from '../errors/invalid-failure-transport.error.js';
import { quoted } from '../errors/quoted.js';
import type { MessengerLogger } from '../event/logger.js';
import { isLocated } from '../transport/capabilities.js';
import type { Transport } from '../transport/transport.js';
import type { ResolvedTransport } from './resolved-options.js';

/**
 * Sees to it that no transport keeps its messages where another one does: each would take the other's.
 *
 * @throws InvalidFailureTransportError when a transport and its failure transport do; a failed message would fail for ever.
 */
export function checkSharedQueues(
  definitions: ReadonlyMap<string, ResolvedTransport>,
  transports: ReadonlyMap<string, Transport>,
  logger: MessengerLogger,
): void {
  const namesByLocation = new Map<string, string[]>();
  for (const [name, transport] of transports) {
    if (isLocated(transport)) {
      namesByLocation.set(transport.location, [...(namesByLocation.get(transport.location) ?? []), name]);
    }
  }
  const shared = [...namesByLocation.values()].filter((names) => names.length > 1);
  for (const name of shared.flat()) {
    const target = definitions.get(name)?.failureTransport;
    if (target !== undefined && shared.some((names) => names.includes(name) && names.includes(target))) {
      throw new InvalidFailureTransportError(
        target,
        `of "${name}": both keep their messages in the same place, so a message that fails would be handled again and again. ` +
          'Give each a stream, or a queue, of its own',
      );
    }
  }
  for (const names of shared) {
    logger.log(
      'warn',
      `The transports ${quoted(names)} keep their messages in the same place, and take each other's. Give each a stream, or a ` +
        'queue, of its own.',
    );
  }
}
