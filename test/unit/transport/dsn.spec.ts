import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InvalidDsnError } from '../../../lib/errors/invalid-dsn.error.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { read, resolveOptions } from '../../../lib/transport/options.js';

describe('a DSN', () => {
  it('is taken apart without being interpreted', () => {
    const dsn = new Dsn('SQLite:var/a%20b.db?queue_name=q%3D1&flag&queue_name=2', 'async');

    expect(dsn.scheme).toBe('sqlite');
    expect(dsn.rest).toBe('var/a%20b.db');
    expect(dsn.query).toEqual([
      ['queue_name', 'q=1'],
      ['flag', ''],
      ['queue_name', '2'],
    ]);
  });

  it.each([
    ['redis://ada:secret@host:6379/s?auth=hush&x=1', 'redis://***@host:6379/s?auth=***&x=1'],
    ['redis://secret@h1,secret@h2/s', 'redis://***@h2/s'],
    ['rediss://host/s?ssl[key]=pem&%61uth=hush', 'rediss://host/s?ssl[key]=***&%61uth=***'],
    ['amqp://host/%2f/e?cacert=f&password=p', 'amqp://host/%2f/e?cacert=f&password=***'],
    ['amqp://u:sec/ret#@host/v', 'amqp://***@host/v'],
    ['amqp://u:secret?x=1@host/v', 'amqp://***@host/v'],
    ['sqlite:var/x.db', 'sqlite:var/x.db'],
  ])('never shows a secret: %s', (text, shown) => {
    const dsn = new Dsn(text, 'async');

    expect(String(dsn)).toBe(shown);
    expect(JSON.stringify({ dsn })).toBe(JSON.stringify({ dsn: shown }));
    expect(inspect({ dsn }, { depth: 5, showHidden: true })).not.toContain('secret');
  });

  it.each([
    ['', 'it has no scheme'],
    ['no-scheme', 'it has no scheme'],
    ['//ada:secret@host', 'it has no scheme'],
    ['sqlite:x?a=%zz', 'its query has a broken "%" escape'],
  ])('is refused if it is "%s", without its secrets', (text, reason) => {
    const make = (): Dsn => new Dsn(text, 'async');

    expect(make).toThrow(InvalidDsnError);
    expect(make).toThrow(reason);
    expect(make).not.toThrow('secret');
  });
});

describe('the options of a transport', () => {
  interface Options {
    readonly queueName: string;
    readonly autoSetup: boolean;
    readonly timeout: number;
    readonly mode: 'fast' | 'safe';
  }
  const readers = {
    queueName: read.text,
    autoSetup: read.boolean,
    timeout: read.number(0, 60),
    mode: read.oneOf('fast', 'safe'),
  };
  const defaults: Options = { queueName: 'default', autoSetup: true, timeout: 1, mode: 'safe' };
  const resolve = (query: string, options: Record<string, unknown> = {}): Options =>
    resolveOptions('async', new Dsn(`x:?${query}`, 'async'), options, readers, defaults);

  it('come from the query, and from code in either spelling, which wins', () => {
    expect(resolve('queue_name=q&auto_setup=false&timeout=0.5')).toEqual({
      queueName: 'q',
      autoSetup: false,
      timeout: 0.5,
      mode: 'safe',
    });
    expect(resolve('queue_name=q', { queueName: 'code', mode: 'FAST' }).queueName).toBe('code');
    expect(resolve('queue_name=q', { queue_name: 'code' }).queueName).toBe('code');
    expect(resolve('', { queueName: undefined })).toEqual(defaults);
  });

  it.each([
    [
      'queue_nam=q',
      'Transport "async": unknown option "queue_nam". Did you mean "queueName"? Known options: "queueName", "autoSetup", "timeout", "mode".',
    ],
    [
      'zzzzzzzz=q',
      'Transport "async": unknown option "zzzzzzzz". Known options: "queueName", "autoSetup", "timeout", "mode".',
    ],
    ['__proto__=q', 'Transport "async": unknown option "__proto__".'],
    ['queue_name=', 'Transport "async": option "queue_name" must be a text that is not empty, got "".'],
    ['auto_setup=maybe', 'Transport "async": option "auto_setup" must be true or false, got "maybe".'],
    ['timeout=61', 'Transport "async": option "timeout" must be a number from 0 to 60, got "61".'],
    ['timeout=', 'Transport "async": option "timeout" must be a number from 0 to 60, got "".'],
    ['mode=wild', 'Transport "async": option "mode" must be one of "fast", "safe", got "wild".'],
  ])('fail for %s', (query, text) => {
    expect(() => resolve(query)).toThrow(text);
  });
});
