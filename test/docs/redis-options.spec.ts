import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UnknownOptionError } from '../../lib/errors/unknown-option.error.js';
import { Dsn } from '../../lib/transport/dsn.js';
import { resolveRedisOptions } from '../../lib/transports/redis/redis.options.js';

const page = readFileSync(join(__dirname, '../../docs/transports/redis.md'), 'utf8');
const section = page.slice(page.indexOf('\n## Options'), page.indexOf('\n## Consumer names'));

/** What the tables say: names and defaults. */
const documented = [...section.matchAll(/^\| (`[^|]*`) \|([^|]*)\|/gm)].map(([, names = '', text = '']) => ({
  names: [...names.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name),
  default: /^ `([^`]*)`/.exec(text)?.[1],
}));

function resolve(options: Readonly<Record<string, unknown>>) {
  return resolveRedisOptions('async', new Dsn('redis:', 'async'), options);
}

/** In snake_case. */
function knownOptions(): readonly string[] {
  try {
    resolve({ 'no such option': 1 });
  } catch (error) {
    return (error as UnknownOptionError).known.map((name) =>
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    );
  }
  return [];
}

describe('the options of a Redis transport in the documentation', () => {
  it('are those that it knows', () => {
    expect(documented.flatMap(({ names }) => names).toSorted()).toEqual(knownOptions().toSorted());
  });

  it('have the defaults that it has', () => {
    const { endpoint, ...options } = resolve({});
    const [host] = endpoint.hosts;
    const connection = {
      ...host,
      dbindex: endpoint.database,
      timeout: endpoint.connectTimeout / 1000,
      readTimeout: endpoint.commandTimeout / 1000,
      retryInterval: endpoint.retryInterval,
    };
    const actual = Object.entries({ ...options, ...connection }).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      String(value),
    ]);
    const shown = documented.flatMap((option) => option.names.map((name) => [name, option.default]));
    const withDefault = shown.filter(([, value]) => value !== undefined);
    expect(withDefault.length).toBeGreaterThan(14);
    expect(actual).toEqual(expect.arrayContaining(withDefault));
  });
});
