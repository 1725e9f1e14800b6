import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';

/** The fields of a received stamp, read with the type they must have: what they hold steers retries and routing. */
export class StampFields {
  readonly #where: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @param where whose fields they are, e.g. `Stamp "DelayStamp"`; begins the error's text. */
  constructor(where: string, fields: Readonly<Record<string, unknown>>) {
    this.#where = where;
    this.#fields = fields;
  }

  text(name: string): string {
    const value = this.#fields[name];
    return typeof value === 'string' ? value : this.#refuse(name, 'a text');
  }

  texts(name: string): readonly string[] {
    const value = this.#fields[name];
    const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
    return isList ? value : this.#refuse(name, 'a list of texts');
  }

  number(name: string): number {
    const value = this.#fields[name];
    return typeof value === 'number' ? value : this.#refuse(name, 'a number');
  }

  /** A whole number from zero up. */
  count(name: string): number {
    const value = this.#fields[name];
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : this.#refuse(name, 'a whole number from zero up');
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    return typeof value === 'boolean' ? value : this.#refuse(name, 'true or false');
  }

  textOrNumber(name: string): string | number {
    const value = this.#fields[name];
    return typeof value === 'string' || typeof value === 'number'
      ? value
      : this.#refuse(name, 'a text or a number');
  }

  date(name: string): Date {
    const value = this.#fields[name];
    return value instanceof Date ? value : this.#refuse(name, 'a date');
  }

  object(name: string): Readonly<Record<string, unknown>> {
    const value = this.#fields[name];
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : this.#refuse(name, 'an object');
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined && this.#fields[name] !== null;
  }

  #refuse(name: string, expected: string): never {
    throw new MessageDecodingFailedError(
      `${this.#where} cannot be decoded: its field "${name}" must be ${expected}.`,
    );
  }
}
