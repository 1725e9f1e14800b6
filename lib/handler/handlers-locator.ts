import type { Envelope } from '../envelope/envelope.js';
import { ancestryOf, classOf, type MessageClass } from '../message/message-class.js';
import { bySpecificity, matchesPattern } from '../message/message-pattern.js';
import type { MessageRegistry } from '../message/message-registry.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import type { HandlerDescriptor } from './handler-descriptor.js';

interface Resolved {
  readonly descriptors: readonly HandlerDescriptor[];
  /** Whether the choice depends on the transport a message came from. */
  readonly isFiltered: boolean;
  /** The choice for messages from one transport; under `undefined` that for messages handled where they were dispatched. */
  readonly byTransport: Map<string | undefined, readonly HandlerDescriptor[]>;
}

/**
 * Finds the handlers of a message on one bus: those of its class, then of its ancestors from the nearest, then of patterns
 * from the most specific. Among handlers of one type the higher priority comes first, then the order of registration.
 */
export class HandlersLocator {
  readonly #descriptors: readonly HandlerDescriptor[];
  readonly #registry: MessageRegistry;
  readonly #resolved = new Map<MessageClass, Resolved>();

  constructor(descriptors: readonly HandlerDescriptor[], registry: MessageRegistry) {
    this.#descriptors = descriptors;
    this.#registry = registry;
  }

  handlersOf(envelope: Envelope): readonly HandlerDescriptor[] {
    const { descriptors, isFiltered, byTransport } = this.#resolve(classOf(envelope.message));
    const transport = isFiltered ? envelope.last(ReceivedStamp)?.transportName : undefined;
    let chosen = byTransport.get(transport);
    if (chosen === undefined) {
      chosen = onceEach(
        descriptors.filter(
          ({ options }) => transport === undefined || (options.fromTransport ?? transport) === transport,
        ),
      );
      byTransport.set(transport, chosen);
    }
    return chosen;
  }

  #resolve(type: MessageClass): Resolved {
    let resolved = this.#resolved.get(type);
    if (resolved === undefined) {
      const descriptors = this.#descriptorsOf(type);
      resolved = {
        descriptors,
        isFiltered: descriptors.some(({ options }) => options.fromTransport !== undefined),
        byTransport: new Map(),
      };
      this.#resolved.set(type, resolved);
    }
    return resolved;
  }

  #descriptorsOf(type: MessageClass): readonly HandlerDescriptor[] {
    const name = this.#registry.nameOfType(type);
    const patterns = new Set(
      this.#descriptors.map(({ handles }) => handles).filter((key) => typeof key === 'string'),
    );
    const keys = [
      ...ancestryOf(type),
      ...[...patterns].filter((pattern) => matchesPattern(pattern, name)).sort(bySpecificity),
    ];
    return keys.flatMap((key) =>
      this.#descriptors
        .filter(({ handles }) => handles === key)
        .sort((a, b) => (b.options.priority ?? 0) - (a.options.priority ?? 0)),
    );
  }
}

/** The first descriptor of each name: a handler runs once for a message, however many of its declarations mean it. */
function onceEach(descriptors: readonly HandlerDescriptor[]): readonly HandlerDescriptor[] {
  const byName = new Map<string, HandlerDescriptor>();
  for (const descriptor of descriptors) {
    if (!byName.has(descriptor.name)) {
      byName.set(descriptor.name, descriptor);
    }
  }
  return [...byName.values()];
}
