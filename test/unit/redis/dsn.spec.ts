import { describe, expect, it } from 'vitest';
import { InvalidDsnError } from '../../../lib/errors/invalid-dsn.error.js';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import type { RedisEndpoint } from '../../../lib/transports/redis/redis.endpoint.js';
import { errorOf, resolveDsn } from './setup.js';

const at = (...texts: readonly string[]) =>
  texts.map((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
  });

/** What matters of an endpoint for a DSN. */
function placeOf(dsn: string, options: Readonly<Record<string, unknown>> = {}): Partial<RedisEndpoint> {
  const { connectTimeout, commandTimeout, retryInterval, ...place } = resolveDsn(dsn, options).endpoint;
  expect([connectTimeout, commandTimeout, retryInterval]).toEqual([5000, 5000, 50]);
  return place;
}

const single = (rest: Partial<RedisEndpoint> = {}): Partial<RedisEndpoint> => ({
  mode: 'single',
  hosts: at('127.0.0.1:6379'),
  database: 0,
  ...rest,
});
const cluster = (...hosts: readonly string[]): Partial<RedisEndpoint> => ({
  mode: 'cluster',
  hosts: at(...hosts),
  database: 0,
});
const sentinel = (...hosts: readonly string[]): Partial<RedisEndpoint> => ({
  mode: 'sentinel',
  hosts: at(...hosts),
  sentinelMaster: 'm',
  database: 0,
});

describe('the place in a Redis DSN', () => {
  it.each<[string, Partial<RedisEndpoint>]>([
    ['redis:', single()],
    ['redis://', single()],
    ['redis://?stream=s', single()],
    ['redis://localhost', single({ hosts: at('localhost:6379') })],
    ['REDIS://LocalHost:7000/s', single({ hosts: at('localhost:7000') })],
    ['redis://10.0.0.1:6380/s/g/c?lazy=0', single({ hosts: at('10.0.0.1:6380') })],
    ['redis://my_redis.internal.:1', single({ hosts: at('my_redis.internal.:1') })],
    ['redis://[::1]:65535/s', single({ hosts: at('::1:65535') })],
    ['redis://[2001:DB8::1]', single({ hosts: at('2001:db8::1:6379') })],
    ['rediss://h', single({ hosts: at('h:6379'), tls: {} })],
    ['valkey://h:1', single({ hosts: at('h:1') })],
    ['valkeys://h:1', single({ hosts: at('h:1'), tls: {} })],
    ['redis:?host=h1&port=7000', single({ hosts: at('h1:7000') })],
    ['redis://h1?port=7000', single({ hosts: at('h1:7000') })],
    ['redis://h1?dbindex=3', single({ hosts: at('h1:6379'), database: 3 })],
    ['redis://h1?cluster=false', single({ hosts: at('h1:6379') })],
    ['redis:///run/redis.sock', single({ hosts: [], socketPath: '/run/redis.sock' })],
    ['redis:/run/redis.sock', single({ hosts: [], socketPath: '/run/redis.sock' })],
    ['redis:///run/my%20redis%2C.sock?stream=s', single({ hosts: [], socketPath: '/run/my redis,.sock' })],
    [
      'redis://hush@/run/r.sock',
      single({ hosts: [], socketPath: '/run/r.sock', credentials: { password: 'hush' } }),
    ],
    [
      'redis://u:hush@/run/r.sock',
      single({ hosts: [], socketPath: '/run/r.sock', credentials: { username: 'u', password: 'hush' } }),
    ],
  ])('"%s" is one server', (dsn, expected) => {
    expect(placeOf(dsn)).toEqual(expected);
  });

  it.each<[string, Partial<RedisEndpoint>]>([
    ['redis://h1:6379,redis://h2:6380/s/g', cluster('h1:6379', 'h2:6380')],
    ['redis://h1:6379,h2:6380/s', cluster('h1:6379', 'h2:6380')],
    ['redis://h1,h2,[::1]:7', cluster('h1:6379', 'h2:6379', '::1:7')],
    ['redis://h1,h2?port=7', cluster('h1:7', 'h2:7')],
    ['redis://h1:1,h2?port=7', cluster('h1:1', 'h2:7')],
    ['redis://h1?cluster=true', cluster('h1:6379')],
    ['redis://h1?redis_cluster=1', cluster('h1:6379')],
    ['redis://h1,h2?cluster=1', cluster('h1:6379', 'h2:6379')],
    ['redis:?host[h1:1]&host[h2]', cluster('h1:1', 'h2:6379')],
    ['redis:?host[]=h1:1&host[]=h2', cluster('h1:1', 'h2:6379')],
    ['redis:?host[h1:1]', cluster('h1:1')],
    ['rediss://h1,rediss://h2', { ...cluster('h1:6379', 'h2:6379'), tls: {} }],
    ['rediss://h1,valkeys://h2', { ...cluster('h1:6379', 'h2:6379'), tls: {} }],
    ['redis://a@h1,redis://b@h2', { ...cluster('h1:6379', 'h2:6379'), credentials: { password: 'b' } }],
    [
      'redis://h0,redis://a@h1,redis://h2',
      { ...cluster('h0:6379', 'h1:6379', 'h2:6379'), credentials: { password: 'a' } },
    ],
    [
      'redis://u:a%2Cb@h1,h2',
      { ...cluster('h1:6379', 'h2:6379'), credentials: { username: 'u', password: 'a,b' } },
    ],
    ['redis://a@h1,a@h2/s', { ...cluster('h1:6379', 'h2:6379'), credentials: { password: 'a' } }],
  ])('"%s" is a cluster', (dsn, expected) => {
    expect(placeOf(dsn)).toEqual(expected);
  });

  it.each<[string, Partial<RedisEndpoint>]>([
    ['redis:?host[h1:1]&host[h2]&sentinel_master=m', sentinel('h1:1', 'h2:26379')],
    ['redis:?host[h1:1]=&redis_sentinel=m', sentinel('h1:1')],
    ['redis:?host[[::1]:1]&sentinel_master=m', sentinel('::1:1')],
    ['redis:///s/g?host[h1:1]&sentinel_master=m', sentinel('h1:1')],
    ['redis://h1/s?sentinel_master=m', sentinel('h1:26379')],
    ['redis://h1,h2:7/s?sentinel_master=m', sentinel('h1:26379', 'h2:7')],
    [
      'redis://u:p@h1,h2/s?sentinel_master=m',
      { ...sentinel('h1:26379', 'h2:26379'), credentials: { username: 'u', password: 'p' } },
    ],
    [
      'redis://u:p@h1?sentinel_master=m&auth=q',
      {
        ...sentinel('h1:26379'),
        credentials: { username: 'u', password: 'p' },
        sentinelCredentials: { password: 'q' },
      },
    ],
    [
      'redis:p@?host[h1]&sentinel_master=m&auth[]=v&auth[]=q',
      {
        ...sentinel('h1:26379'),
        credentials: { password: 'p' },
        sentinelCredentials: { username: 'v', password: 'q' },
      },
    ],
    [
      'redis://h1?sentinel_master=m&auth=q',
      {
        ...sentinel('h1:26379'),
        credentials: { password: 'q' },
        sentinelCredentials: { password: 'q' },
      },
    ],
    ['rediss://h1?sentinel_master=m&dbindex=2', { ...sentinel('h1:26379'), database: 2, tls: {} }],
  ])('"%s" is a set of Sentinels', (dsn, expected) => {
    expect(placeOf(dsn)).toEqual(expected);
  });

  it('may be in the options instead', () => {
    expect(placeOf('redis:', { host: 'h1', port: 7 })).toEqual(single({ hosts: at('h1:7') }));
    expect(placeOf('redis:', { host: ['h1', 'h2:8'] })).toEqual(cluster('h1:6379', 'h2:8'));
    expect(placeOf('redis:', { host: ['h1'], sentinelMaster: 'm' })).toEqual(sentinel('h1:26379'));
    expect(placeOf('redis:?host=h0', { host: 'h1', sentinel_master: null })).toEqual(
      single({ hosts: at('h1:6379') }),
    );
  });
});

describe('the credentials in a Redis DSN', () => {
  it.each([
    ['redis://hush@h', { password: 'hush' }],
    ['redis://:hush@h', { password: 'hush' }],
    ['redis://hush:@h', { password: 'hush' }],
    ['redis://0@h', { password: '0' }],
    ['redis://default:hush@h', { password: 'hush' }],
    ['redis://u:hush@h', { username: 'u', password: 'hush' }],
    ['redis://u%40x:h%3Au%2Fs%2Ch%3F%25%23@h', { username: 'u@x', password: 'h:u/s,h?%#' }],
    ['redis://u:a+b:c@d@h', { username: 'u', password: 'a+b:c@d' }],
    ['redis://hush@h?auth=louder', { password: 'louder' }],
    ['redis://hush@h?auth[]=u&auth[]=louder', { username: 'u', password: 'louder' }],
    ['redis://hush@h?auth[1]=louder&auth[0]=u', { username: 'u', password: 'louder' }],
    ['redis://h?auth[]=default&auth[]=louder', { password: 'louder' }],
    ['redis://h?auth[]=louder', { password: 'louder' }],
    ['redis://hush@h?auth=', { password: 'hush' }],
    ['redis://h?auth=p@ss', { password: 'p@ss' }],
    ['redis://@h', undefined],
    ['redis://:@h', undefined],
    ['redis://default:@h', undefined],
    ['redis://h', undefined],
  ])('"%s" are %o', (dsn, credentials) => {
    expect(resolveDsn(dsn).endpoint.credentials).toEqual(credentials);
  });

  it('give way to those in the options', () => {
    const of = (auth: unknown) => resolveDsn('redis://a@h?auth=b', { auth }).endpoint.credentials;

    expect(of('c')).toEqual({ password: 'c' });
    expect(of(['u', 'c'])).toEqual({ username: 'u', password: 'c' });
    expect(of(['c'])).toEqual({ password: 'c' });
    expect(of(undefined)).toEqual({ password: 'b' });
    expect(of(null)).toEqual({ password: 'b' });
  });

  it.each([[{}], [7], [[]], [['u', 'p', 'x']], [['u', 7]], [['u', '']]])('may not be %o', (auth) => {
    const error = errorOf(() => resolveDsn('redis://h', { auth }));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toMatch(/^Transport "async": option "auth" (must be a password|has a user name)/);
  });
});

describe('the names in a Redis DSN', () => {
  it.each([
    ['redis://h', 'messages', 'symfony', 'box-42-0badcafe'],
    ['redis://h/', 'messages', 'symfony', 'box-42-0badcafe'],
    ['redis://h/s', 's', 'symfony', 'box-42-0badcafe'],
    ['redis://h/s/', 's', 'symfony', 'box-42-0badcafe'],
    ['redis://h/s/g', 's', 'g', 'box-42-0badcafe'],
    ['redis://h/s/g/c', 's', 'g', 'c'],
    ['redis://h/s/g/c/', 's', 'g', 'c'],
    ['redis://h//g', 'messages', 'g', 'box-42-0badcafe'],
    ['redis://h///c', 'messages', 'symfony', 'c'],
    ['redis://h/%7Bs%7D%2C%2Fx/g%40/w@1', '{s},/x', 'g@', 'w@1'],
    ['redis://h/{s}:x', '{s}:x', 'symfony', 'box-42-0badcafe'],
    ['redis://h1/a,redis://h2/s/g', 's', 'g', 'box-42-0badcafe'],
    ['redis://h1/s,redis://h2', 's', 'symfony', 'box-42-0badcafe'],
    ['redis:///s/g?host[h1]', 's', 'g', 'box-42-0badcafe'],
    ['redis:///run/r.sock?stream=s&group=g&consumer=c', 's', 'g', 'c'],
    ['redis://h/s?stream=x&group=g', 's', 'g', 'box-42-0badcafe'],
    ['redis://h?consumer=', 'messages', 'symfony', 'box-42-0badcafe'],
  ])('"%s" are %s, %s and %s', (dsn, stream, group, consumer) => {
    expect(resolveDsn(dsn)).toMatchObject({ stream, group, consumer });
  });

  it('give way to those in the options', () => {
    const options = { stream: 'a', group: 'b', consumer: 'c' };

    expect(resolveDsn('redis://h/s/g/w', options)).toMatchObject(options);
    expect(resolveDsn('redis://h/s/g/w', { consumer: undefined, group: null })).toMatchObject({
      group: 'g',
      consumer: 'w',
    });
    expect(resolveDsn('redis://h/s/g/w', { consumer: '' }).consumer).toBe('w');
  });
});

describe('a Redis DSN', () => {
  it.each([
    ['redis:///', 'it names neither a host nor a socket'],
    ['redis:///run/', 'it names neither a host nor a socket'],
    ['redis:///run/a%00b', 'it names neither a host nor a socket'],
    ['redis://:@', 'no host follows the "@"'],
    ['redis://hush@', 'no host follows the "@"'],
    ['redis://hush@:6379', 'a host must be a name'],
    ['redis://:6379', 'a host must be a name'],
    ['redis://h1,,h2', 'a host must be a name'],
    ['redis://h1,/s', 'a host must be a name'],
    ['redis://${HOST}/s', 'a host must be a name'],
    ['redis://-h', 'a host must be a name'],
    [`redis://${'h'.repeat(254)}`, 'a host must be a name'],
    ['redis://::1', 'an IPv6 one in brackets'],
    ['redis://fe80::1', 'an IPv6 one in brackets'],
    ['redis://[::1', 'an IPv6 one in brackets'],
    ['redis://[::z]', 'an IPv6 one in brackets'],
    ['redis://[h]', 'an IPv6 one in brackets'],
    ['redis://[::1]x', 'an IPv6 one in brackets'],
    ['redis://h:', 'a port must be a number from 1 to 65535'],
    ['redis://h:0', 'a port must be a number from 1 to 65535'],
    ['redis://h:65536', 'a port must be a number from 1 to 65535'],
    ['redis://h:99999', 'a port must be a number from 1 to 65535'],
    ['redis://h:abc', 'a port must be a number from 1 to 65535'],
    ['redis://h:-1', 'a port must be a number from 1 to 65535'],
    ['redis://h:6379.5', 'a port must be a number from 1 to 65535'],
    ['redis:localhost:6379', 'a host must follow "//", as in "redis://host:6379"'],
    ['redis://h/a/b/c/d', 'its path goes on after "/stream/group/consumer": "d"'],
    ['redis://h/a/b/c/d/e', 'its path goes on after "/stream/group/consumer": "d", "e"'],
    ['redis://h/100%', 'its path has a broken "%" escape; write a percent sign as "%25"'],
    ['redis://100%:x@h', 'its user name or password has a broken "%" escape'],
    ['redis://h/s/g/%env(NAME)%', '"%env(…)%" is filled in by Symfony only'],
    ['redis://h/a,b', 'hosts are joined by "," before the path'],
    ['redis://h1/s,h2/s', 'hosts are joined by "," before the path'],
    ['redis://h1,rediss://h2', 'all its nodes must have the same scheme'],
    ['redis://h1,amqp://h2', 'all its nodes must have the same scheme'],
    ['redis:///a.sock,redis:///b.sock', 'each of several nodes must have a host'],
    ['redis://h1?lazy=1,redis://h2', 'a query must follow the last node'],
  ])('is refused if it is "%s"', (dsn, reason) => {
    const error = errorOf(() => resolveDsn(dsn));

    expect(error).toBeInstanceOf(InvalidDsnError);
    expect(error.message).toMatch(/^Transport "async": the DSN "redis/);
    expect(error.message).toContain(reason);
  });

  it.each([
    ['redis://u:pa,ss@h'],
    ['redis://pa,ss@h'],
    ['redis://u:pa@x,ss@h'],
    ['redis://u:pa/ss@h'],
    ['redis://pa/ss@h'],
    ['redis://pa/s/s@h'],
    ['redis://u:pa?ss@h'],
    ['redis://pa?ss@h'],
    ['redis://pa?s=s@h/s'],
    ['redis://pa/s/s/s/ss@h'],
  ])('tells how to write the password of "%s"', (dsn) => {
    expect(() => resolveDsn(dsn)).toThrow(
      /each "," in them must be written "%2C", each "\/" "%2F" and each "\?" "%3F"\.$/,
    );
  });

  it.each<[string, string, string]>([
    ['redis://h?host=x', 'host', 'names a host, and so does the DSN'],
    ['redis://h?host[x]', 'host', 'names a host, and so does the DSN'],
    ['redis:?host=a,b', 'host', 'is not valid: a host must be a name'],
    ['redis:?host[h1]=x', 'host', 'is not valid: a host must be a name'],
    ['redis:?host[/run/r.sock:]', 'host', 'a unix socket is written "redis:///path/of.sock"'],
    ['redis:?host[h:0]', 'host', 'is not valid: a port must be a number from 1 to 65535'],
    ['redis:?host=', 'host', 'is not valid: a host must be a name'],
    ['redis://h:1?port=2', 'port', 'is given, and each host has a port beside it'],
    ['redis://h?port=0', 'port', 'must be a number from 1 to 65535, got "0"'],
    ['redis://h?port=1.5', 'port', 'must be a whole number, got "1.5"'],
    ['redis:///r.sock?port=2', 'port', 'is of no use for the unix socket'],
    ['redis://h1,h2?cluster=0', 'cluster', 'is false, and 2 hosts are named'],
    ['redis://h?cluster=1&redis_cluster=1', 'redis_cluster', 'means the same as "cluster"'],
    ['redis:///r.sock?cluster=1', 'cluster', 'needs the hosts of nodes'],
    ['redis://h?cluster=1&dbindex=1', 'dbindex', 'must be 0 with a cluster'],
    ['redis://h1,h2?dbindex=1', 'dbindex', 'must be 0 with a cluster'],
    ['redis://h?dbindex=-1', 'dbindex', 'must be a number from 0 up'],
    ['redis://h?sentinel_master=m&redis_sentinel=m', 'redis_sentinel', 'means the same as "sentinel_master"'],
    ['redis://h?sentinel_master=m&cluster=1', 'sentinel_master', 'cannot be used with "cluster"'],
    ['redis:///r.sock?sentinel_master=m', 'sentinel_master', 'needs the hosts of Sentinels'],
    ['redis://h?sentinel_master=', 'sentinel_master', 'must be a text that is not empty'],
    ['redis://h?ssl[verify_peer]=0', 'ssl', 'needs TLS; write the DSN with "rediss:"'],
    ['rediss:///r.sock', 'ssl', 'is of no use for a unix socket'],
  ])('is refused if it contradicts itself: "%s"', (dsn, option, reason) => {
    const error = errorOf(() => resolveDsn(dsn));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toMatch(new RegExp(`^Transport "async": option "${option}" `));
    expect(error.message).toContain(reason);
  });

  it('may be long', () => {
    const nodes = Array.from({ length: 1000 }, (_, index) => `h${index}:7000`);

    expect(resolveDsn(`redis://${nodes.join(',')}/s`).endpoint.hosts).toHaveLength(1000);
    expect(resolveDsn(`redis://${'p'.repeat(100_000)}@h`).endpoint.credentials?.password).toHaveLength(
      100_000,
    );
    expect(() => resolveDsn(`redis://h/${'s'.repeat(100_000)}`)).toThrow('must not be longer than 256 bytes');
  });
});
