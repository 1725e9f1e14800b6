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

  /** @param maxSize the most characters of all lists of one message together. */
  constructor(registry: StampRegistry, values: ValueCodec, maxSize: number) {
    this.#registry = registry;
    this.#values = values;
    this.#maxSize = maxSize;
  }

  /**
   * Adds the lists to `headers`, each under `prefix` and the name of the stamps, in the order in which those appear.
   *
   * @throws MessageEncodingFailedError for a class without a name, and for a stamp that cannot be represented.
   */
  writeInto(
    headers: Record<string, string>,
    prefix: string,
    stamps: readonly Stamp[],
    messageName: string,
  ): void {
    let size = 0;
    for (const [name, list] of this.#listsOf(stamps, messageName)) {
      headers[prefix + name] = list;
      size += list.length;
    }
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
    const lists = this.#listsOf(stamps, messageName);
    return lists.size === 0
      ? undefined
      : `{${Array.from(lists, ([name, list]) => `${JSON.stringify(name)}:${list}`).join(',')}}`;
  }

  /**
   * Appends the stamps of one list, given as a text.
   *
   * @throws MessageDecodingFailedError
   */
  readInto(stamps: Stamp[], name: string, text: string): void {
    const plain = this.#plainStampIn(text, this.#registry.ofName(name));
    if (plain !== undefined) {
      stamps.push(plain);
      return;
    }
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

  #listsOf(stamps: readonly Stamp[], messageName: string): ReadonlyMap<string, string> {
    const lists = new Map<string, string>();
    for (const stamp of stamps) {
      if (!(stamp instanceof NonSendableStamp)) {
        const [name, item] = this.#itemOf(stamp, messageName);
        const before = lists.get(name);
        lists.set(name, before === undefined ? item : `${before},${item}`);
      }
    }
    for (const [name, items] of lists) {
      lists.set(name, `[${items}]`);
    }
    return lists;
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

  #itemOf(stamp: Stamp, messageName: string): readonly [name: string, item: string] {
    if (stamp instanceof OpaqueStamp) {
      return [stamp.stampName, stamp.json.slice(1, -1)];
    }
    const type = stamp.constructor as StampType;
    const form = this.#registry.ofType(type);
    if (form === undefined) {
      throw new MessageEncodingFailedError(messageName, `its stamp "${type.name}" ${whyUnknown(type)}`);
    }
    const text: unknown = form.text?.of(stamp);
    if (form.text !== undefined && typeof text === 'string') {
      return [form.name, `{"${form.text.field}":${JSON.stringify(text)}}`];
    }
    const holder = form.dismantle === undefined ? stamp : form.dismantle(stamp);
    return [form.name, this.#values.writeStamp(holder, form.name, messageName)];
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

/** Why a class is not in the registry; completes the name of the stamp. */
function whyUnknown(type: StampType): string {
  const name = stampNameOf(type);
  return name === undefined
    ? `has no name to travel under. Decorate the class with @AsStamp('…'), or let it extend NonSendableStamp if it ` +
        `shall stay in this process.`
    : `has the name "${name}" in common with another class, which is the one known here. Give one of them another ` +
        `with @AsStamp('…').`;
}
