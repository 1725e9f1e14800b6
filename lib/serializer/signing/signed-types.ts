import { ancestryOf, type MessageClass } from '../../message/message-class.js';
import { matchesPattern } from '../../message/message-pattern.js';
import type { MessageRegistry } from '../../message/message-registry.js';

/**
 * The types of message that are signed on every transport, and refused without a signature. Filled at boot, from the options
 * and the handlers with `sign: true`. A class stands for its subclasses too.
 */
export class SignedTypes {
  readonly #registry: MessageRegistry;
  readonly #classes = new Set<MessageClass>();
  readonly #patterns = new Set<string>();
  readonly #known = new Map<MessageClass, boolean>();

  constructor(registry: MessageRegistry, classes: readonly MessageClass[] = []) {
    this.#registry = registry;
    classes.forEach((type) => this.add(type));
  }

  get isEmpty(): boolean {
    return this.#classes.size === 0 && this.#patterns.size === 0;
  }

  /** @param type a class, a message name, a prefix such as `billing.*`, or `*`. */
  add(type: MessageClass | string): void {
    if (typeof type === 'string') {
      this.#patterns.add(type);
    } else {
      this.#classes.add(type);
    }
    this.#known.clear();
  }

  /** Whether messages of this class have to be signed. */
  include(type: MessageClass): boolean {
    if (this.isEmpty) {
      return false;
    }
    let isIncluded = this.#known.get(type);
    if (isIncluded === undefined) {
      isIncluded =
        ancestryOf(type).some((ancestor) => this.#classes.has(ancestor)) ||
        (this.#patterns.size > 0 && this.#isNamed(this.#registry.nameOfType(type)));
      this.#known.set(type, isIncluded);
    }
    return isIncluded;
  }

  /** Whether messages that travel under this name have to be signed. */
  includeName(name: unknown): boolean {
    if (this.isEmpty || typeof name !== 'string') {
      return false;
    }
    const type = this.#registry.typeOf(name);
    return type === undefined ? this.#isNamed(name) : this.include(type);
  }

  #isNamed(name: string): boolean {
    return [...this.#patterns].some((pattern) => matchesPattern(pattern, name));
  }
}
