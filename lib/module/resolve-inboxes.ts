import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { quoted } from '../errors/quoted.js';
import { Inboxes, type NamedInboxStore } from '../inbox/inboxes.js';
import { isInboxStore } from '../transport/capabilities.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import type { ResolvedTransport } from './resolved-options.js';

/**
 * Finds the stores that the option `inbox` of the transports names.
 *
 * @throws InvalidOptionError for a transport that keeps no inbox.
 */
export function resolveInboxes(
  definitions: ReadonlyMap<string, ResolvedTransport>,
  transports: TransportRegistry,
): Inboxes {
  const capable = transports.names().filter((name) => isInboxStore(transports.get(name)));
  const stores = new Map<string, NamedInboxStore>();
  for (const { name, inbox } of definitions.values()) {
    if (inbox !== undefined) {
      stores.set(name, storeOf(name, inbox, transports, capable));
    }
  }
  return new Inboxes(stores, capable);
}

function storeOf(
  name: string,
  inbox: string,
  transports: TransportRegistry,
  capable: readonly string[],
): NamedInboxStore {
  const transport = transports.get(inbox);
  if (!isInboxStore(transport)) {
    const fix =
      capable.length > 0
        ? `Name one that does: ${quoted(capable)}`
        : 'No transport of this application does: add one on the database of the handlers, { db: "sqlite:var/app.db" } for ' +
          'instance, and name it';
    throw new InvalidOptionError(
      `Transport "${name}"`,
      'inbox',
      `names transport "${inbox}", which keeps no inbox. ${fix}`,
    );
  }
  return { name: inbox, transport };
}
