import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UnknownOptionError } from '../../lib/errors/unknown-option.error.js';
import { Dsn } from '../../lib/transport/dsn.js';
import { resolvePostgresOptions } from '../../lib/transports/sql/server/postgres/postgres.options.js';

const page = readFileSync(join(__dirname, '../../docs/transports/postgres.md'), 'utf8');
const section = page.slice(page.indexOf('\n## Options'), page.indexOf('\n### TLS'));

/** What the tables say: names and defaults. */
const documented = [...section.matchAll(/^\| (`[^|]*`) \|([^|]*)\|/gm)].map(([, names = '', text = '']) => ({
  names: [...names.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name),
  default: /^ `([^`]*)`/.exec(text)?.[1],
}));

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function resolve(options: Readonly<Record<string, unknown>>) {
  return resolvePostgresOptions('async', new Dsn('postgres:', 'async'), options, {});
}

function knownOptions(): readonly string[] {
  try {
    resolve({ 'no such option': 1 });
  } catch (error) {
    return (error as UnknownOptionError).known.map(snakeCase);
  }
  return [];
}

describe('the options of a PostgreSQL transport in the documentation', () => {
  it('are those that it knows', () => {
    expect(documented.flatMap(({ names }) => names).toSorted()).toEqual(knownOptions().toSorted());
  });

  it('have the defaults that it has', () => {
    const actual = Object.entries(resolve({})).map(([name, value]) => [snakeCase(name), String(value)]);
    const shown = documented.flatMap((option) => option.names.map((name) => [name, option.default]));
    const withDefault = shown.filter(([, value]) => value !== undefined);

    expect(withDefault.length).toBe(10);
    expect(actual).toEqual(expect.arrayContaining(withDefault));
  });
});
