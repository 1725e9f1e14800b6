import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MessengerError } from '../../../../lib/errors/messenger.error.js';
import { Dsn } from '../../../../lib/transport/dsn.js';
import { endpointKey } from '../../../../lib/transports/sql/server/postgres/postgres.endpoint.js';
import { resolvePostgresOptions } from '../../../../lib/transports/sql/server/postgres/postgres.options.js';

function resolve(
  dsn: string,
  options: Readonly<Record<string, unknown>> = {},
  env: NodeJS.ProcessEnv = { PGUSER: 'app' },
) {
  return resolvePostgresOptions('async', new Dsn(dsn, 'async'), options, env);
}

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  return new Error('It does not throw.');
}

const configOf = (...args: Parameters<typeof resolve>) => resolve(...args).endpoint.config;

describe('a PostgreSQL DSN', () => {
  it.each([
    ['postgres:', { host: 'localhost', port: 5432, user: 'app', database: 'app' }],
    ['postgres://', { host: 'localhost', port: 5432, database: 'app' }],
    ['postgresql://h:6000/shop', { host: 'h', port: 6000, database: 'shop' }],
    ['pgsql://u:p%40ss@h/shop', { host: 'h', user: 'u', password: 'p@ss', database: 'shop' }],
    ['postgres://[::1]:5433/shop', { host: '::1', port: 5433 }],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/shop', { host: '/var/run/postgresql', database: 'shop' }],
    ['postgres://h/a%2Fb', { database: 'a/b' }],
    ['postgres://h/?dbname=x', { database: 'x' }],
    [
      'postgres:?host=h&port=7000&user=u&password=p&database=d',
      { host: 'h', port: 7000, user: 'u', database: 'd' },
    ],
  ])('"%s" is understood', (dsn, config) => {
    expect(configOf(dsn)).toMatchObject(config);
  });

  it('is completed by what libpq reads from the environment, and options win over all', () => {
    const env = { PGHOST: 'e', PGPORT: '7', PGUSER: 'eu', PGPASSWORD: 'ep', PGDATABASE: 'ed' };

    expect(configOf('postgres:', {}, env)).toMatchObject({
      host: 'e',
      port: 7,
      user: 'eu',
      password: 'ep',
      database: 'ed',
    });
    expect(configOf('postgres://d/dd?user=q', { host: 'o' }, env)).toMatchObject({
      host: 'o',
      user: 'q',
      database: 'dd',
    });
  });

  it.each([
    ['postgres:x', 'a host must follow "//"'],
    ['postgres://h1,h2/x', 'it names several hosts'],
    ['postgres://h:x/y', 'its port must be a number from 1 to 65535'],
    ['postgres://h/a/b', 'its path must be the name of a database'],
    ['postgres://u:p/q@h/x', 'must be written "%2F"'],
    ['postgres://u:%zz@h', 'its password has a broken "%" escape'],
    ['postgres://a b/x', 'its host must be a name'],
    ['postgres://:5/x?sslmode=prefer', 'say "require" or "disable"'],
    ['postgres:?sslmode=allow', 'which whoever stands between may turn into a connection without TLS'],
    ['postgres:?table_name=pg_x', 'begins with neither a digit nor "pg_"'],
    ['postgres:?table_name=a.b.c', 'may follow the name of a schema and a dot'],
    ['postgres:?tablename=x', 'Did you mean "tableName"?'],
    [
      'postgres:?get_notify_timeout=500',
      'has no meaning here: a worker that waits is told of a message at once',
    ],
    ['postgres:?poll_interval=5', 'must be a number from 100'],
    ['postgres:?pool_size=0', 'must be a number from 1'],
  ])('"%s" is refused with the reason', (dsn, text) => {
    expect(errorOf(() => resolve(dsn)).message).toContain(text);
  });

  it.each([
    ['postgres://u:hush@h:x/y'],
    ['postgres://hush:y@h/a/b'],
    ['postgres://u:hu/hush@h'],
    ['postgres://u:hush%zz@h'],
    ['postgres://u:hush/x'],
    ['postgres://u:hush'],
    ['postgres://h?password=hush&nonsense=1'],
    ['postgres://h?sslpassword=hush&sslmode=require&sslcert=/nowhere'],
    ['postgres://u:a@hush@h,h/x'],
  ])('"%s" does not tell its secret in the error', (dsn) => {
    const error = errorOf(() => resolve(dsn));

    expect(error).toBeInstanceOf(MessengerError);
    const { stack: _stack, ...fields } = error;
    expect(`${error.message} ${inspect(fields, { depth: 9 })}`).not.toContain('hush');
  });

  it('does not show its secret where it says what it is called', () => {
    const { description, location } = resolve('postgres://u:hush@h/x').endpoint;

    expect(`${description} ${location}`).toBe('PostgreSQL at h:5432/x postgres:h:5432/x');
  });
});

describe('the key by which transports share connections', () => {
  const keyOf = (...args: Parameters<typeof resolve>): string => endpointKey(resolve(...args).endpoint);
  const dsn = 'postgres://u:p@h/x';

  it('is the same for what concerns no connection', () => {
    expect(keyOf(`${dsn}?queue_name=a&table_name=b&poll_interval=200&redeliver_timeout=1`)).toBe(keyOf(dsn));
  });

  it.each([
    'sslmode=require',
    'sslmode=verify-ca',
    'sslmode=verify-full',
    'pool_size=9',
    'connect_timeout=3',
    'query_timeout=500',
    'application_name=x',
    'user=v',
    'password=q',
    'port=1',
    'host=i',
    'dbname=y',
  ])('is another with %s', (query) => {
    const others = ['sslmode=require', 'sslmode=verify-ca', 'sslmode=verify-full', 'port=2']
      .filter((other) => other !== query)
      .map((other) => keyOf(`${dsn}?${other}`));

    expect([keyOf(dsn), ...others]).not.toContain(keyOf(`${dsn}?${query}`));
  });
});
