import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { InvalidDsnError } from '../../../lib/errors/invalid-dsn.error.js';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { UnknownOptionError } from '../../../lib/errors/unknown-option.error.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { resolveMysqlOptions } from '../../../lib/transports/sql/server/mysql/mysql.options.js';

function resolve(dsn: string, options: Readonly<Record<string, unknown>> = {}) {
  return resolveMysqlOptions('async', new Dsn(dsn, 'async'), options);
}

function errorOf(dsn: string, options: Readonly<Record<string, unknown>> = {}): Error {
  try {
    resolve(dsn, options);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`"${dsn}" was accepted.`);
}

/** What matters of the connection for a DSN. */
function placeOf(dsn: string, options: Readonly<Record<string, unknown>> = {}) {
  const { host, port, socketPath, user, password, database } = resolve(dsn, options).endpoint.config;
  return { host, port, socketPath, user, password, database };
}

const user = userInfo().username;

describe('the place in a MySQL DSN', () => {
  it.each([
    ['mysql:///shop', { host: 'localhost', port: 3306, user, database: 'shop' }],
    ['mysql://db/shop', { host: 'db', port: 3306, user, database: 'shop' }],
    ['mariadb://ada@db:3307/shop', { host: 'db', port: 3307, user: 'ada', database: 'shop' }],
    [
      'mysql://a%40b:s%3Acret%2F@10.0.0.1/shop',
      { host: '10.0.0.1', port: 3306, user: 'a@b', password: 's:cret/', database: 'shop' },
    ],
    ['mysql://[::1]:3306/shop', { host: '::1', port: 3306, user, database: 'shop' }],
    ['mysql://%2Frun%2Fmysqld.sock/shop', { socketPath: '/run/mysqld.sock', user, database: 'shop' }],
    ['mysql:?unix_socket=/run/m.sock&dbname=shop', { socketPath: '/run/m.sock', user, database: 'shop' }],
    [
      'mysql:?host=db&port=1&user=ada&password=p&database=shop',
      { host: 'db', port: 1, user: 'ada', password: 'p', database: 'shop' },
    ],
    ['mysql://db?table_name=shop.jobs', { host: 'db', port: 3306, user }],
  ])('%s', (dsn, place) => {
    expect(JSON.parse(JSON.stringify(placeOf(dsn)))).toEqual(place);
  });

  it('is overruled by the options', () => {
    const options = { host: 'other', user: 'eve', password: 'x', dbname: 'd', port: 5 };
    expect(placeOf('mysql://ada:s@db/shop', options)).toMatchObject({
      host: 'other',
      port: 5,
      user: 'eve',
      password: 'x',
      database: 'd',
    });
  });

  it.each([
    ['mysql:shop', 'a host must follow "//", as in "mysql://host:3306/database"'],
    ['mysql://a,b/shop', 'names several hosts'],
    ['mysql://db:x/shop', 'its port must be a number'],
    ['mysql://db/shop/more', 'its path must be the name of a database'],
    ['mysql://ada:%zz@db/shop', 'its password has a broken "%" escape'],
  ])('cannot be %s', (dsn, text) => {
    const error = errorOf(dsn);
    expect(error).toBeInstanceOf(InvalidDsnError);
    expect(error.message).toContain(text);
  });

  it('needs a database, unless the table names one', () => {
    expect(errorOf('mysql://db')).toBeInstanceOf(InvalidOptionError);
    expect(errorOf('mysql://db').message).toContain('option "dbname" is missing');
  });
});

describe('the options of a MySQL transport', () => {
  it('are read from the query in snake_case and from the code in either case', () => {
    expect(
      resolve('mysql:///d?table_name=jobs&poll_interval=250', { queueName: 'high', pool_size: 2 }),
    ).toMatchObject({
      tableName: 'jobs',
      pollInterval: 250,
      queueName: 'high',
      poolSize: 2,
    });
  });

  it('are refused by name if unknown, with the nearest', () => {
    const error = errorOf('mysql:///d?tabel_name=x');
    expect(error).toBeInstanceOf(UnknownOptionError);
    expect(error.message).toContain('tableName');
  });

  it.each([
    ['table_name', 'order-items', 'must be a name of letters'],
    ['table_name', 'a.b.c', 'must be a name of letters'],
    ['table_name', 'nestjs_messenger_schema', 'must be a name of letters'],
    ['queue_name', 'x'.repeat(191), '190 characters at most'],
    ['queue_name', 'high ', 'must not end with a space'],
    ['poll_interval', '50', 'must be a number from 100'],
    ['pool_size', '0', 'must be a number from 1'],
    ['charset', 'utf8mb4', 'cannot be chosen: messages are sent and stored in utf8mb4. Leave it out'],
    ['ssl-mode', 'preferred', 'say "required" or "disabled"'],
    ['ssl-mode', 'maybe', 'must be one of "disabled", "required", "verify_ca", "verify_identity"'],
  ])('%s cannot be %s', (name, value, text) => {
    const error = errorOf(`mysql://db/d?${new URLSearchParams({ [name]: value }).toString()}`);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toContain(text);
    expect(error.message).toContain('Transport "async"');
  });

  it('count characters, not halves of them', () => {
    expect(resolve('mysql:///d', { queueName: '😀'.repeat(190) }).queueName).toHaveLength(380);
  });

  it('let nobody else read files of this machine', () => {
    expect(resolve('mysql:///d').endpoint.config['flags']).toContain('-LOCAL_FILES');
  });
});

describe('secrets of a MySQL transport', () => {
  it('are shown by nothing that describes it', () => {
    const { endpoint } = resolve('mysql://ada:hush@db/shop');
    expect(endpoint.description).toBe('MySQL at db:3306/shop');
    expect(endpoint.location).toBe('mysql:db:3306/shop');
  });

  it.each([
    ['mysql://ada:hush@db:x/shop'],
    ['mysql://ada:hush/hush@db/shop'],
    ['mysql://ada:hush?hush@db/shop'],
    ['mysql://ada:hush@db/shop/hush@'],
    ['mysql://db/shop?password=hush&pool_size=x'],
    ['mysql://ada:hush'],
  ])('are not in the error about %s', (dsn) => {
    expect(String(errorOf(dsn))).not.toContain('hush');
  });

  it('are not in the error about an option that is no text', () => {
    expect(errorOf('mysql:///d', { password: ['hush'] }).message).toContain('must be a text');
    expect(errorOf('mysql:///d', { password: ['hush'] }).message).not.toContain('hush');
  });
});
