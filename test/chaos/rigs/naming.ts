import { randomBytes } from 'node:crypto';

/** A name that no other run has: letters, digits and underscores. */
export function uniqueName(): string {
  return `chaos_${process.pid}_${randomBytes(4).toString('hex')}`;
}

/** A DSN's query. */
export type Query = Readonly<Record<string, string | number>>;

/** Queries as a DSN's, the later ones over the earlier. */
export function queryString(...queries: readonly (Query | undefined)[]): string {
  const all = Object.assign({}, ...queries) as Query;
  const pairs = Object.entries(all).map(([name, value]) => [name, String(value)] as const);
  return new URLSearchParams(Object.fromEntries(pairs)).toString();
}

/** Throws things away in the opposite order in which they were made, once. */
export class Disposal {
  readonly #ends: (() => void | Promise<void>)[] = [];

  /** To be handed to what wants a `Lifetime`. */
  readonly add = (end: () => void | Promise<void>): void => {
    this.#ends.push(end);
  };

  async run(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      await end();
    }
  }
}
