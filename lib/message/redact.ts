import { ancestryOf, classOf, type MessageClass } from './message-class.js';
import { messageMetadata, nestedTypesOf } from './message-metadata.js';

/** What is shown in the place of what a class wants kept out of sight. */
export const REDACTED = '(redacted)';

/** The way to a value, from property to property. */
type Path = readonly string[];

/**
 * A message as people may see it: values that its class, or the class of an object in it, names in `@AsMessage({ redact })` are
 * replaced by a text. What holds such a value is copied; all else is the same object, and the message itself is not touched.
 */
export function redact(message: unknown): unknown {
  return new Redaction().of(message, []);
}

/** Whether messages of a class may hold something to be kept out of sight: by its own word, or by that of a class in it. */
export function isRedacted(type: MessageClass): boolean {
  return [type, ...nestedTypesOf(type)].some((each) => declaredBy(each).length > 0);
}

/** What a class and its ancestors declare; an empty path: the whole object. */
function declaredBy(type: MessageClass): readonly Path[] {
  return ancestryOf(type).flatMap((ancestor) => {
    const { redact: declared = [] } = messageMetadata(ancestor) ?? {};
    return declared === true ? [[]] : declared.map((path) => path.split('.'));
  });
}

/** One walk through one message. */
class Redaction {
  /** The objects on the way to where the walk is. */
  readonly #above = new Set<object>();

  /** @param inherited what the objects around this value say about it. */
  of(value: unknown, inherited: readonly Path[]): unknown {
    if (inherited.some((path) => path.length === 0)) {
      return REDACTED;
    }
    // The bytes of a buffer are not looked through one by one.
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
      return value;
    }
    if (this.#above.has(value)) {
      return '(circular)';
    }
    this.#above.add(value);
    const result = this.#ofObject(value, inherited);
    this.#above.delete(value);
    return result;
  }

  #ofObject(value: object, inherited: readonly Path[]): unknown {
    if (Array.isArray(value)) {
      return changed(
        value,
        value.map((item) => this.of(item, inherited)),
      );
    }
    if (value instanceof Set) {
      const items = [...value];
      const shown = changed(
        items,
        items.map((item) => this.of(item, inherited)),
      );
      return shown === items ? value : new Set(shown);
    }
    if (value instanceof Map) {
      const items = [...value.values()];
      const shown = changed(
        items,
        Array.from(value, ([key, item]) => this.of(item, below(inherited, key))),
      );
      return shown === items ? value : new Map([...value.keys()].map((key, index) => [key, shown[index]]));
    }
    const paths = [...inherited, ...declaredBy(classOf(value))];
    return paths.some((path) => path.length === 0) ? REDACTED : this.#ofFields(value, paths);
  }

  #ofFields(value: object, paths: readonly Path[]): object {
    const fields = Object.getOwnPropertyDescriptors(value) as Record<string, PropertyDescriptor>;
    let isChanged = false;
    for (const [name, field] of Object.entries(fields)) {
      const shown = this.of(field.value, below(paths, name));
      if (shown !== field.value) {
        isChanged = true;
        fields[name] = { value: shown, enumerable: field.enumerable ?? true };
      }
    }
    return isChanged
      ? (Object.create(Object.getPrototypeOf(value) as object | null, fields) as object)
      : value;
  }
}

/** Of paths that begin with a name, what follows. */
function below(paths: readonly Path[], name: unknown): readonly Path[] {
  return paths.filter(([first]) => first === name).map((path) => path.slice(1));
}

/** `items` itself if nothing is another. */
function changed(items: readonly unknown[], shown: readonly unknown[]): readonly unknown[] {
  return shown.every((item, index) => item === items[index]) ? items : shown;
}
