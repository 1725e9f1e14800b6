import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InvalidDsnError } from '../../../lib/errors/invalid-dsn.error.js';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { UnknownOptionError } from '../../../lib/errors/unknown-option.error.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { resolveSqliteOptions } from '../../../lib/transports/sql/sqlite/sqlite.options.js';

const resolveDsn = (dsn: string, options = {}) =>
  resolveSqliteOptions('async', new Dsn(dsn, 'async'), options);

describe('options of the SQLite transport', () => {
  it('have defaults for everything but the file', () => {
    expect(resolveDsn('sqlite:var/messenger.db')).toEqual({
      file: resolve('var/messenger.db'),
      tableName: 'messenger_messages',
      queueName: 'default',
      autoSetup: true,
      redeliverTimeout: 60,
      pollInterval: 1000,
    });
  });

  it.each([
    ['sqlite:a.db', resolve('a.db')],
    ['sqlite:./var/../a.db', resolve('a.db')],
    ['sqlite:/var/lib/a.db', '/var/lib/a.db'],
    ['sqlite:///var/lib/a.db', '/var/lib/a.db'],
    ['sqlite:/var/with%20space%3F/a.db', '/var/with space?/a.db'],
    ['sqlite::memory:', ':memory:'],
    ['SQLITE:/a.db', '/a.db'],
  ])('find the file of "%s" at %s', (dsn, file) => {
    expect(resolveDsn(dsn).file).toBe(file);
  });

  it.each([
    ['sqlite:', 'it names no file'],
    ['sqlite:?queue_name=a', 'it names no file'],
    ['sqlite:var/', 'it names no file'],
    ['sqlite:/a%00.db', 'it names no file'],
    ['sqlite://var/a.db', 'a file has no host'],
    ['sqlite:/100%.db', 'write a percent sign as "%25"'],
  ])('refuse "%s"', (dsn, reason) => {
    expect(() => resolveDsn(dsn)).toThrow(InvalidDsnError);
    expect(() => resolveDsn(dsn)).toThrow(reason);
  });

  it('are read from the query in snake_case, and from code, which wins', () => {
    const query =
      'table_name=jobs&queue_name=mail&auto_setup=false&redeliver_timeout=2.5&busy_timeout=10.4&synchronous=FULL&driver=libsql';
    expect(resolveDsn(`sqlite:/a.db?${query}`, { queueName: 'sms', poll_interval: 60_000 })).toEqual({
      file: '/a.db',
      tableName: 'jobs',
      queueName: 'sms',
      autoSetup: false,
      redeliverTimeout: 2.5,
      pollInterval: 60_000,
      busyTimeout: 10,
      synchronous: 'full',
      driver: 'libsql',
    });
  });

  it.each([
    ['table_name', 'messages; DROP TABLE users'],
    ['table_name', '1st'],
    ['table_name', 'sqlite_messages'],
    ['table_name', 'nestjs_messenger_schema'],
    ['table_name', 'a'.repeat(64)],
    ['queue_name', ''],
    ['auto_setup', 'perhaps'],
    ['redeliver_timeout', '0'],
    ['redeliver_timeout', '-60'],
    ['poll_interval', '499'],
    ['busy_timeout', '-1'],
    ['synchronous', 'off'],
    ['driver', 'sqlite3'],
  ])('refuse a "%s" of "%s"', (key, value) => {
    const refused = () => resolveDsn(`sqlite:/a.db?${key}=${encodeURIComponent(value)}`);
    expect(refused).toThrow(InvalidOptionError);
    expect(refused).toThrow(`option "${key}"`);
  });

  it('name the nearest known key for one that is mistyped', () => {
    expect(() => resolveDsn('sqlite:/a.db?redelivery_timeout=60')).toThrow(UnknownOptionError);
    expect(() => resolveDsn('sqlite:/a.db?redelivery_timeout=60')).toThrow(
      'Did you mean "redeliverTimeout"?',
    );
  });
});
