import { NonSendableStamp, type Stamp, type StampType } from '../envelope/stamp.js';
import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import type { StampForm } from './built-in-stamps.js';
import { stampNameOf } from '../stamp/stamp-metadata.js';
import { OpaqueStamp } from './opaque.stamp.js';
import { StampFields } from './stamp-fields.js';
import type { StampRegistry } from './stamp-registry.js';
import type { Fields, ValueCodec } from './value-codec.js';

/** A text that is the same in JSON; short of all of them. */
const PLAIN_TEXT = /^[\w.:/ -]*$/;

/** How a list ends that holds one stamp which is one text. */
const PLAIN_END = '"}]';

/** Turns the sendable stamps of an envelope into one JSON list for each class, oldest first, and back. */
export class StampCodec {
  readonly #registry: StampRegistry;
  readonly #values: ValueCodec;
  readonly #maxSize: number;
  readonly #prefix: string;
  /** The keys of forms that are known, and back, so that each is made once. Of those that others make up there is no end. */
  readonly #keys = new Map<StampForm, string>();
  readonly #forms = new Map<string, StampForm>();

  /**
   * @param maxSize the most characters of all lists of one message together.
   * @param prefix before the names of stamps where they are those of headers.
   */
  constructor(registry: StampRegistry, values: ValueCodec, maxSize: number, prefix: string = '') {
    this.#registry = registry;
    this.#values = values;
    this.#maxSize = maxSize;
    this.#prefix = prefix;
  }

  /**
   * Adds the lists to `headers`, each under the prefix and the name of the stamps, in the order in which those appear.
   *
   * @throws MessageEncodingFailedError for a class without a name, and for a stamp that cannot be represented.
   */
  writeInto(headers: Record<string, string>, stamps: readonly Stamp[], messageName: string): void {
    const size = this.#addTo(headers, stamps, messageName);
    if (size > this.#maxSize) {
      throw new MessageEncodingFailedError(
        messageName,
        `its stamps have ${size} characters, and "maxStampsSize" of the serializer allows ${this.#maxSize}.`,
      );
    }
  }

  /**
   * All lists as one JSON object, whose keys are the names, of whatever size; `undefined` if there are none.
   *
   * @throws MessageEncodingFailedError as {@link writeInto} does, except for the size.
   */
  writeAll(stamps: readonly Stamp[], messageName: string): string | undefined {
    const lists = Object.create(null) as Record<string, string>;
    this.#addTo(lists, stamps, messageName);
    const entries = Object.entries(lists).map(([name, list]) => `${JSON.stringify(name)}:${list}`);
    return entries.length === 0 ? undefined : `{${entries.join(',')}}`;
  }

  /**
   * Appends the stamps of one list, given as a text.
   *
   * @param key the prefix and the name of the stamps.
   * @throws MessageDecodingFailedError
   */
  readInto(stamps: Stamp[], key: string, text: string): void {
    const plain = this.#plainStampIn(text, this.#formUnder(key));
    if (plain !== undefined) {
      stamps.push(plain);
      return;
    }
    const name = key.slice(this.#prefix.length);
    const list = this.#values.parse(text, `Stamp "${name}"`);
    this.#restoreInto(stamps, name, list, this.#values.needsWalk(text), text);
  }

  /**
   * The stamps of what {@link writeAll} wrote, of whatever size.
   *
   * @throws MessageDecodingFailedError
   */
  readAll(text: string): readonly Stamp[] {
    const lists = this.#values.parse(text, 'The list of stamps');
    if (typeof lists !== 'object' || lists === null) {
      throw new MessageDecodingFailedError('The list of stamps cannot be decoded: it must be a JSON object.');
    }
    const stamps: Stamp[] = [];
    for (const [name, list] of Object.entries(lists)) {
      this.#restoreInto(stamps, name, list, true, undefined);
    }
    return stamps;
  }

  /** @throws MessageDecodingFailedError when stamps of this size, in characters, are too much for one message. */
  assertSize(size: number): void {
    if (size > this.#maxSize) {
      throw new MessageDecodingFailedError(
        `The stamps cannot be decoded: they have ${size} characters, and "maxStampsSize" of the serializer allows ${this.#maxSize}.`,
      );
    }
  }

  /** Returns how many characters were added. */
  #addTo(lists: Record<string, string>, stamps: readonly Stamp[], messageName: string): number {
    const begun: string[] = [];
    for (const stamp of stamps) {
      if (stamp instanceof OpaqueStamp) {
        append(lists, begun, this.#prefix + stamp.stampName, stamp.json.slice(1, -1));
      } else if (!(stamp instanceof NonSendableStamp)) {
        const form = this.#formOf(stamp, messageName);
        append(lists, begun, this.#keyOf(form), this.#itemOf(form, stamp, messageName));
      }
    }
    let size = 0;
    for (const key of begun) {
      const list = `${lists[key]}]`;
      lists[key] = list;
      size += list.length;
    }
    return size;
  }

  #formUnder(key: string): StampForm | undefined {
    const known = this.#forms.get(key);
    if (known !== undefined) {
      return known;
    }
    const form = this.#registry.ofName(key.slice(this.#prefix.length));
    if (form !== undefined) {
      this.#forms.set(key, form);
    }
    return form;
  }

  #keyOf(form: StampForm): string {
    let key = this.#keys.get(form);
    if (key === undefined) {
      key = this.#prefix + form.name;
      this.#keys.set(form, key);
    }
    return key;
  }

  /** The stamp in a list that holds only this one, if that is one text, and written without escapes. */
  #plainStampIn(list: string, form: StampForm | undefined): Stamp | undefined {
    if (form?.text === undefined) {
      return undefined;
    }
    const start = `[{"${form.text.field}":"`;
    const text = list.slice(start.length, -PLAIN_END.length);
    const isPlain =
      list.length === start.length + text.length + PLAIN_END.length &&
      list.startsWith(start) &&
      list.endsWith(PLAIN_END) &&
      PLAIN_TEXT.test(text);
    return isPlain ? form.text.restore(text) : undefined;
  }

  /** @param text the list as it was written, if it is at hand; kept where the name is unknown. */
  #restoreInto(stamps: Stamp[], name: string, list: unknown, walk: boolean, text: string | undefined): void {
    if (!Array.isArray(list)) {
      throw new MessageDecodingFailedError(`Stamp "${name}" cannot be decoded: it must be a JSON list.`);
    }
    const form = this.#registry.ofName(name);
    if (form !== undefined) {
      for (const fields of list) {
        stamps.push(this.#stampOf(form, fields, walk));
      }
    } else if (list.length > 0) {
      stamps.push(new OpaqueStamp(name, text?.trim() ?? JSON.stringify(list)));
    }
  }

  #formOf(stamp: Stamp, messageName: string): StampForm {
    const type = stamp.constructor as StampType;
    const form = this.#registry.ofType(type);
    if (form === undefined) {
      throw new MessageEncodingFailedError(messageName, `its stamp "${type.name}" ${whyUnknown(type)}`);
    }
    return form;
  }

  #itemOf(form: StampForm, stamp: Stamp, messageName: string): string {
    const text: unknown = form.text?.of(stamp);
    if (form.text !== undefined && typeof text === 'string') {
      return `{"${form.text.field}":${PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text)}}`;
    }
    const holder = form.dismantle === undefined ? stamp : form.dismantle(stamp);
    return this.#values.writeStamp(holder, form.name, messageName);
  }

  #stampOf(form: StampForm, fields: unknown, walk: boolean): Stamp {
    const where = `Stamp "${form.name}"`;
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
      throw new MessageDecodingFailedError(`${where} cannot be decoded: its list must hold objects.`);
    }
    if (form.restore === undefined) {
      return this.#values.read(form.type, fields as Fields, where, walk) as Stamp;
    }
    const restored = new StampFields(where, this.#values.fields(fields as Fields, where, walk));
    try {
      return form.restore(restored);
    } catch (error) {
      throw error instanceof MessageDecodingFailedError
        ? error
        : new MessageDecodingFailedError(`${where} cannot be decoded. See the cause.`, { cause: error });
    }
  }
}

/** Adds an item to the list under `key`, which is noted in `begun` if it is the first. The list is left open. */
function append(lists: Record<string, string>, begun: string[], key: string, item: string): void {
  const before = lists[key];
  if (before === undefined) {
    begun.push(key);
  }
  lists[key] = before === undefined ? `[${item}` : `${before},${item}`;
}

/** Why a class is not in the registry; completes the name of the stamp. */
function whyUnknown(type: StampType): string {
  const name = stampNameOf(type);
  return name === undefined
    ? `has no name to travel under. Decorate the class with @AsStamp('…'), or let it extend NonSendableStamp if it ` +
        `shall stay in this process.`
    : `has the name "${name}" in common with another class, which is the one known here. Give one of them another ` +
        `with @AsStamp('…').`;
}
