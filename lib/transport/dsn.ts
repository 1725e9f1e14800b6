import { InvalidDsnError } from '../errors/invalid-dsn.error.js';

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const SECRET_KEY = /pass|secret|token|auth|credential|api_?key/i;

/**
 * A transport address, `scheme:rest?query`, parsed but not interpreted: what `rest` and the query keys mean is up to the
 * transport. Whatever prints it (text, JSON, the debugger) shows it without secrets.
 */
export class Dsn {
  readonly scheme: string;
  readonly #rest: string;
  readonly #query: ReadonlyArray<readonly [key: string, value: string]>;

  /**
   * @param transportName named in the error.
   * @throws InvalidDsnError when there is no scheme, or an escape such as `%zz` cannot be decoded.
   */
  constructor(text: string, transportName: string) {
    const scheme = SCHEME.exec(text)?.[1];
    if (scheme === undefined) {
      throw new InvalidDsnError(
        transportName,
        redactText(text),
        'it has no scheme, such as "sqlite:" or "redis://"',
      );
    }
    const mark = text.indexOf('?');
    const end = mark === -1 ? text.length : mark;
    this.scheme = scheme.toLowerCase();
    this.#rest = text.slice(scheme.length + 1, end);
    this.#query = parseQuery(mark === -1 ? '' : text.slice(mark + 1), transportName, text);
  }

  /** What stands between the scheme's colon and the query, as written: `//user:secret@host/path`. Holds secrets. */
  get rest(): string {
    return this.#rest;
  }

  /** The decoded query, in order. Keys may repeat. Holds secrets. */
  get query(): ReadonlyArray<readonly [key: string, value: string]> {
    return this.#query;
  }

  /** The DSN without its secrets. */
  toString(): string {
    const query = this.#query
      .map(([key, value]) => (SECRET_KEY.test(key) ? `${key}=***` : value === '' ? key : `${key}=${value}`))
      .join('&');
    return `${this.scheme}:${redactText(this.#rest)}${query === '' ? '' : `?${query}`}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Hides the user information of every authority in a text: `//ada:secret@host` becomes `//***@host`. */
export function redactText(text: string): string {
  return text.replaceAll(/\/\/[^/?#]*@/g, '//***@').replaceAll(/,[^/?#,]*@/g, ',***@');
}

function parseQuery(
  text: string,
  transportName: string,
  dsn: string,
): ReadonlyArray<readonly [string, string]> {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      try {
        return equals === -1
          ? ([decode(part), ''] as const)
          : ([decode(part.slice(0, equals)), decode(part.slice(equals + 1))] as const);
      } catch (error) {
        throw new InvalidDsnError(
          transportName,
          redactText(dsn.split('?')[0] ?? ''),
          'its query has a broken "%" escape',
          {
            cause: error,
          },
        );
      }
    });
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
