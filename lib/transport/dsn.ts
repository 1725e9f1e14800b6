import { InvalidDsnError } from '../errors/invalid-dsn.error.js';

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const SECRET_KEY = /pass|secret|token|auth|credential|api_?key|\[key\]/i;

/**
 * A transport address, `scheme:rest?query`, parsed but not interpreted: what `rest` and the query keys mean is up to the
 * transport. Whatever prints it (text, JSON, the debugger) shows it without secrets.
 */
export class Dsn {
  readonly scheme: string;
  readonly #redacted: string;
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
        redactDsn(text),
        'it has no scheme, such as "sqlite:" or "redis://"',
      );
    }
    this.#redacted = redactDsn(text);
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
    return this.#redacted;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * A DSN, or what was meant to be one, without its secrets: `redis://ada:secret@host?auth=hush` becomes
 * `redis://***@host?auth=***`. The user information is hidden up to the last `@`, and so rather too much than too little: a
 * password may hold any character that somebody forgot to escape.
 */
export function redactDsn(text: string): string {
  const [address = '', ...query] = hideUser(text).split('?');
  const pairs = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '');
  return pairs.length === 0 ? address : `${address}?${pairs.map(redactPair).join('&')}`;
}

function hideUser(text: string): string {
  const slashes = text.indexOf('//');
  const from = slashes === -1 ? 0 : slashes + 2;
  const at = text.lastIndexOf('@');
  return at < from ? text : `${text.slice(0, from)}***${text.slice(at)}`;
}

function redactPair(pair: string): string {
  const [key = ''] = pair.split('=', 1);
  return SECRET_KEY.test(unescaped(key)) ? `${key}=***` : pair;
}

/** As far as it can be read: a broken escape hides nothing. */
function unescaped(key: string): string {
  return key.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
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
        throw new InvalidDsnError(transportName, redactDsn(dsn), 'its query has a broken "%" escape', {
          cause: error,
        });
      }
    });
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
