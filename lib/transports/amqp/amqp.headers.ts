import { isUtf8 } from 'node:buffer';
import type { AmqpTable } from './amqp.driver.js';

/** The header that AMQP keeps in a property of its own. */
export const CONTENT_TYPE = 'Content-Type';

/**
 * What the broker writes, or acts on: an account of what became of one delivery, or another routing. A copy must not have
 * it. `CC` and `BCC` would publish the copy to every queue that the original was published to.
 */
const OF_BROKER =
  /^(?:x-death|x-(?:first|last)-death-.*|x-delivery-count|x-acquired-count|x-delay|x-received-from|CC|BCC)$/;

/** What serializers of this package write. */
const OF_SERIALIZER = /^(?:(?:type|Content-Type|X-Signature|Body-Sign|Sign-Algo)$|X-Stamp-|X-Quarantine)/;

/** amqplib writes a table into a buffer of this size, in bytes. */
const MAX_TABLE_BYTES = 64 * 1024;

const MAX_NAME_BYTES = 255;

/** Of one UTF-16 unit in UTF-8. */
const MAX_CHARACTER_BYTES = 3;

/** What a text and its name take in a table besides their characters, in bytes: more than enough. */
const HEADER_OVERHEAD = 6;

/** The headers that a serializer reads: as texts, without those of the broker. Never throws. */
export function readableHeaders(
  headers: AmqpTable | undefined,
  contentType: unknown,
): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!OF_BROKER.test(name)) {
      define(texts, name, headerText(value));
    }
  }
  if (typeof contentType === 'string') {
    texts[CONTENT_TYPE] = contentType;
  }
  return texts;
}

/**
 * What the copy of a message keeps of the headers it was received with: those of others, with their types. Those of the
 * serializer are written anew, so that they neither grow nor contradict the message.
 */
export function carriedHeaders(received: AmqpTable | undefined): Record<string, unknown> {
  const carried: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(received ?? {})) {
    if (!OF_BROKER.test(name) && !OF_SERIALIZER.test(name)) {
      define(carried, name, value);
    }
  }
  return carried;
}

/**
 * Adds what the serializer wrote, but for what is a property in AMQP. A value that it only passed on as a text keeps the type
 * with which it was received.
 */
export function addEncodedHeaders(
  headers: Record<string, unknown>,
  encoded: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(encoded)) {
    const value = encoded[name] as string;
    const isKnown =
      name === CONTENT_TYPE || (Object.hasOwn(headers, name) && headerText(headers[name]) === value);
    if (!isKnown) {
      define(headers, name, value);
    }
  }
}

/**
 * Why a table of headers cannot be sent, if so.
 *
 * @param room bytes that the frame leaves for it.
 */
export function problemOfHeaders(headers: AmqpTable, room: number): string | undefined {
  return isSmall(headers, room) ? undefined : problemOfLarge(headers, room);
}

/** Whether the headers fit at first sight, however many bytes their characters take. */
function isSmall(headers: AmqpTable, room: number): boolean {
  let length = 0;
  for (const name of Object.keys(headers)) {
    const value: unknown = headers[name];
    if (typeof value !== 'string' || name.length * MAX_CHARACTER_BYTES > MAX_NAME_BYTES) {
      return false;
    }
    length += name.length + value.length + HEADER_OVERHEAD;
  }
  return length * MAX_CHARACTER_BYTES <= Math.min(MAX_TABLE_BYTES, room);
}

function problemOfLarge(headers: AmqpTable, room: number): string | undefined {
  const long = Object.keys(headers).find((name) => Buffer.byteLength(name) > MAX_NAME_BYTES);
  if (long !== undefined) {
    return `the name of its header "${long.slice(0, 40)}…" has ${Buffer.byteLength(long)} bytes, and AMQP allows ${MAX_NAME_BYTES}.`;
  }
  const size = tableSize(headers);
  const limit = Math.min(MAX_TABLE_BYTES, room);
  if (size <= limit) {
    return undefined;
  }
  return (
    `its headers have ${size} bytes, and one frame of AMQP has room for ${limit}; the largest is ` +
    `"${largestOf(headers)}". Put less into its stamps, or the data into the message.`
  );
}

function tableSize(table: AmqpTable): number {
  let size = 4;
  for (const [name, value] of Object.entries(table)) {
    size += 1 + Buffer.byteLength(name) + valueSize(value);
  }
  return size;
}

/** In bytes, or a little more: it depends on the number how it is written. */
function valueSize(value: unknown): number {
  if (typeof value === 'string') {
    return 5 + Buffer.byteLength(value);
  }
  if (typeof value !== 'object' || value === null) {
    return 9;
  }
  if (value instanceof Uint8Array) {
    return 5 + value.byteLength;
  }
  return Array.isArray(value)
    ? 5 + value.reduce((size: number, each) => size + valueSize(each), 0)
    : 1 + tableSize(value as AmqpTable);
}

function largestOf(headers: AmqpTable): string {
  const sizes = Object.entries(headers).map(([name, value]) => [name, valueSize(value)] as const);
  return sizes.reduce((largest, each) => (each[1] > largest[1] ? each : largest), ['', 0] as const)[0];
}

/** A header of any type as a text. Bytes that are no text are written as a URL that holds them. */
function headerText(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  if (Buffer.isBuffer(value)) {
    return isUtf8(value) ? value.toString('utf8') : `data:;base64,${value.toString('base64')}`;
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  // How amqplib shows the types that JavaScript does not have.
  const { '!': type, value: inner } = value as Readonly<Record<string, unknown>>;
  return typeof type === 'string' && typeof inner === 'number' ? String(inner) : jsonOf(value);
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // A table nested deeper than the stack.
    return '';
  }
}

/** Also a header named `__proto__`. */
function define<T>(headers: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    headers[name] = value;
  }
}
