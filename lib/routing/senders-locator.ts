import type { Envelope } from '../envelope/envelope.js';
import { ancestryOf, classOf, type MessageClass } from '../message/message-class.js';
import { messageMetadata } from '../message/message-metadata.js';
import { bySpecificity, isPattern, matchesPattern } from '../message/message-pattern.js';
import type { MessageRegistry } from '../message/message-registry.js';
import { TransportNamesStamp } from '../stamp/transport-names.stamp.js';

/** A message class, a message name, a prefix such as `billing.*`, or `*`, and the transports its messages go to. */
export type Route = readonly [type: MessageClass | string, transports: string | readonly string[]];

/**
 * Says which transports a message goes to. A `TransportNamesStamp` decides alone. Else the routes of the class, its
 * ancestors and its name add up; patterns count only if none of those matched, the most specific one first; and
 * `@AsMessage({ transport })` counts only if no route matched at all.
 */
export class SendersLocator {
  readonly #routes: readonly Route[];
  readonly #registry: MessageRegistry;
  readonly #resolved = new Map<MessageClass, readonly string[]>();

  constructor(routes: readonly Route[], registry: MessageRegistry) {
    this.#routes = routes;
    this.#registry = registry;
  }

  /** The names of the transports, without repetition; none if the message is to be handled where it is. */
  transportNamesOf(envelope: Envelope): readonly string[] {
    const stamp = envelope.last(TransportNamesStamp);
    if (stamp !== undefined) {
      return stamp.transportNames;
    }
    const type = classOf(envelope.message);
    let names = this.#resolved.get(type);
    if (names === undefined) {
      names = this.routesOf(type);
      this.#resolved.set(type, names);
    }
    return names;
  }

  /** Where messages of a class go by the configuration. */
  routesOf(type: MessageClass): readonly string[] {
    const ancestry = ancestryOf(type);
    const name = this.#registry.nameOfType(type);
    const exact = unique([...ancestry, name].flatMap((key) => this.#transportsOf(key)));
    if (exact.length > 0) {
      return exact;
    }
    const pattern = this.#routes
      .map(([key]) => key)
      .filter((key) => typeof key === 'string' && isPattern(key) && matchesPattern(key, name))
      .sort((a, b) => bySpecificity(a as string, b as string))[0];
    if (pattern !== undefined) {
      return unique(this.#transportsOf(pattern));
    }
    return unique(ancestry.flatMap((ancestor) => messageMetadata(ancestor)?.transport ?? []));
  }

  #transportsOf(key: MessageClass | string): readonly string[] {
    return this.#routes.filter(([type]) => type === key).flatMap(([, transports]) => transports);
  }
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
