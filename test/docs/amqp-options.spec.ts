import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UnknownOptionError } from '../../lib/errors/unknown-option.error.js';
import { Dsn } from '../../lib/transport/dsn.js';
import { resolveAmqpOptions } from '../../lib/transports/amqp/amqp.options.js';

const page = readFileSync(join(__dirname, '../../docs/transports/amqp.md'), 'utf8');
const section = page.slice(page.indexOf('\n## Options'), page.indexOf('\n### Kinds of queues'));

/** What the table says: names and defaults. */
const documented = [...section.matchAll(/^\| (`[^|]*`) \|([^|]*)\|/gm)].map(([, names = '', text = '']) => ({
  names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  default: /^ `([^`]*)`/.exec(text)?.[1],
}));
const names = documented.flatMap((option) => option.names);

const resolve = (options: Readonly<Record<string, unknown>>) =>
  resolveAmqpOptions('async', new Dsn('amqp:', 'async'), options);

const toSnakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What is known where `options` have an option that nobody knows; in snake_case. */
function knownIn(options: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    resolve(options);
  } catch (error) {
    return (error as UnknownOptionError).known.map(toSnakeCase).toSorted();
  }
  return [];
}

/** Those that the table has in `path`. */
function documentedIn(path: string): readonly string[] {
  const within = names.filter((name) => name.startsWith(`${path}[`) && name !== path);
  return within.map((name) => name.slice(path.length + 1, -1)).toSorted();
}

const UNKNOWN = { 'no such option': 1 };

describe('the options of an AMQP transport in the documentation', () => {
  it('are those that it knows', () => {
    const atTheTop = new Set(names.map((name) => name.replace(/\[.*/, '')));
    expect([...atTheTop].toSorted()).toEqual(knownIn(UNKNOWN));
  });

  it.each([
    ['exchange', { exchange: UNKNOWN }],
    ['queues[…]', { queues: { a: UNKNOWN } }],
    ['delay', { delay: UNKNOWN }],
  ])('are those that it knows in %s', (path, options) => {
    expect(documentedIn(path)).toEqual(knownIn(options));
  });

  it('have the defaults that it has', () => {
    const { endpoint, exchange, queues, delay, ...options } = resolve({});
    const inSeconds = {
      confirmTimeout: options.confirmTimeout / 1000,
      blockedTimeout: options.blockedTimeout / 1000,
      connectTimeout: endpoint.connectTimeout / 1000,
      heartbeat: endpoint.heartbeat,
    };
    const absent = {
      readTimeout: endpoint.readTimeout ?? 0,
      writeTimeout: endpoint.writeTimeout ?? 0,
      rpcTimeout: endpoint.rpcTimeout ?? 0,
      frameMax: endpoint.frameMax ?? 0,
      channelMax: endpoint.channelMax ?? 0,
      saslMethod: endpoint.saslMethod ?? 'plain',
    };
    const nested = (path: string, values: object) =>
      Object.entries(values).map(([name, value]) => [`${path}[${name}]`, value]);
    const actual = new Map<string, unknown>(
      [
        ...Object.entries({ ...options, ...inSeconds, ...absent }),
        ...nested('exchange', exchange),
        ...nested('queues[…]', queues.get('messages') ?? {}),
        ...nested('delay', delay),
      ].map(([name, value]) => [toSnakeCase(String(name)), value]),
    );
    const withDefault = documented.flatMap((option) =>
      option.default === undefined ? [] : option.names.map((name) => [name, option.default]),
    );
    expect(withDefault.length).toBeGreaterThan(20);
    expect(withDefault.map(([name = '']) => [name, String(actual.get(name))])).toEqual(withDefault);
    // As the table says in words.
    expect(exchange.name).toBe('messages');
    expect([...queues.keys()]).toEqual(['messages']);
    expect(queues.get('messages')?.bindingKeys).toEqual(['']);
  });
});
