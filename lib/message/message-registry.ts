import { DuplicateMessageNameError } from '../errors/duplicate-message-name.error.js';
import { UnnamedMessageError } from '../errors/unnamed-message.error.js';
import { classOf, type MessageClass } from './message-class.js';
import { messageMetadata, messageNameOf, nestedTypesOf } from './message-metadata.js';

/**
 * The message types an application knows, under their wire names: the allow-list of the serializer. It is filled at
 * boot from the handled types, the routes and the `messages` option.
 */
export class MessageRegistry {
  readonly #typeByName = new Map<string, MessageClass>();
  readonly #nameByType = new Map<MessageClass, string>();
  readonly #aliases = new Map<string, MessageClass>();

  /**
   * Adds a type under its wire name and its aliases, and the types it declares as `nested`. Adding it again does nothing.
   *
   * @throws DuplicateMessageNameError when another type has that name or alias.
   * @throws UnnamedMessageError for an anonymous class without `@AsMessage({ name })`.
   */
  register(type: MessageClass): void {
    if (this.#nameByType.has(type)) {
      return;
    }
    const name = this.#claimableName(type);
    for (const alias of messageMetadata(type)?.aliases ?? []) {
      this.#assertFree(alias, type);
      this.#aliases.set(alias, type);
    }
    this.#typeByName.set(name, type);
    this.#nameByType.set(type, name);
    for (const nested of nestedTypesOf(type)) {
      this.register(nested);
    }
  }

  /**
   * The wire name of a message, also of one whose type is not registered.
   *
   * @throws DuplicateMessageNameError when its type is not registered and its name belongs to another type.
   */
  nameOf(message: object): string {
    return this.nameOfType(classOf(message));
  }

  nameOfType(type: MessageClass): string {
    return this.#nameByType.get(type) ?? this.#claimableName(type);
  }

  /** The type registered under a wire name or an alias. */
  typeOf(name: string): MessageClass | undefined {
    return this.#typeByName.get(name) ?? this.#aliases.get(name);
  }

  /** The registered wire names, sorted; aliases left out. */
  names(): readonly string[] {
    return [...this.#typeByName.keys()].sort();
  }

  #claimableName(type: MessageClass): string {
    const name = messageNameOf(type);
    if (name === '') {
      throw new UnnamedMessageError();
    }
    this.#assertFree(name, type);
    return name;
  }

  #assertFree(name: string, type: MessageClass): void {
    const holder = this.typeOf(name);
    if (holder !== undefined && holder !== type) {
      throw new DuplicateMessageNameError(name, holder.name, type.name);
    }
  }
}
