/** Passwords that are ordinary words of texts as well, and the mark in their place. */
const WORDS: ReadonlySet<string> = new Set([
  'guest',
  'messenger',
  'other',
  'pass',
  'password',
  'secret',
  'test',
  'user',
  'wrong',
]);

/** Shorter ones are found in any text. */
const SHORTEST = 4;

/** How much of a text is shown around what was found. */
const CONTEXT = 60;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const URL_WITH_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`]*:([^\s@"'`]+)@/gi;

/** A place where a secret was printed. */
export interface Leak {
  /** What printed it, e.g. `log`. */
  readonly where: string;
  readonly text: string;
}

/**
 * Looks for secrets in what a test run prints: those that it was told of, passwords in URLs, and private keys. What it finds is
 * kept until somebody takes it, since whoever prints may catch what is thrown at him.
 */
export class SecretWatch {
  readonly #secrets = new Set<string>();
  #leaks: Leak[] = [];
  #searched = 0;

  /** How many texts were looked through. */
  get searched(): number {
    return this.#searched;
  }

  /** Notes a secret. One that could be found in any text is passed over. */
  add(secret: unknown): void {
    if (typeof secret === 'string' && secret.length >= SHORTEST && !WORDS.has(secret.toLowerCase())) {
      this.#secrets.add(secret);
    }
  }

  /** Notes the password of a URL, or of a part of one that begins with its slashes. */
  addFromUrl(url: string): void {
    const from = url.indexOf('//') + 2;
    const user = url.slice(from, Math.max(from, url.lastIndexOf('@')));
    const colon = user.indexOf(':');
    if (colon !== -1) {
      if (user.length > colon + 1) {
        // Even where the password is an ordinary word, as those of the servers of the tests are, it is none before a host.
        this.#secrets.add(`${user}@`);
      }
      this.add(user.slice(colon + 1));
      this.add(decoded(user.slice(colon + 1)));
    }
  }

  search(where: string, text: string): void {
    this.#searched += 1;
    const at = this.#positionIn(text);
    if (at !== undefined) {
      this.#leaks.push({ where, text: text.slice(Math.max(0, at - CONTEXT), at + CONTEXT) });
    }
  }

  /** Another file of tests begins, to which the secrets of the one before may be ordinary words. */
  forget(): void {
    this.#secrets.clear();
  }

  /** What was found since the last time. */
  take(): readonly Leak[] {
    const leaks = this.#leaks;
    this.#leaks = [];
    return leaks;
  }

  #positionIn(text: string): number | undefined {
    for (const secret of this.#secrets) {
      const at = text.indexOf(secret);
      if (at !== -1) {
        return at;
      }
    }
    return PRIVATE_KEY.exec(text)?.index ?? passwordIn(text);
  }
}

function passwordIn(text: string): number | undefined {
  for (const { index, 1: password = '' } of text.matchAll(URL_WITH_PASSWORD)) {
    if (!WORDS.has(password)) {
      return index;
    }
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
