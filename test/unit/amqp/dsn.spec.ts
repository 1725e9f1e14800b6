import { describe, expect, it } from 'vitest';
import { InvalidDsnError } from '../../../lib/errors/invalid-dsn.error.js';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { describeEndpoint, endpointKey } from '../../../lib/transports/amqp/amqp.endpoint.js';
import { errorOf, resolveDsn } from './support/resolve-dsn.js';

/** Hosts, credentials, vhost and exchange, as one text. */
function placeOf(dsn: string, options: Readonly<Record<string, unknown>> = {}): string {
  const { endpoint, exchange } = resolveDsn(dsn, options);
  const hosts = endpoint.hosts.map(({ host, port }) => `${host}:${port}`).join(' ');
  return `${endpoint.user}:${endpoint.password} ${hosts} vhost ${endpoint.vhost} exchange ${exchange.name}`;
}

describe('the place in an AMQP DSN', () => {
  it.each([
    ['amqp:', 'guest:guest localhost:5672 vhost / exchange messages'],
    ['amqp://', 'guest:guest localhost:5672 vhost / exchange messages'],
    ['amqp://?auto_setup=0', 'guest:guest localhost:5672 vhost / exchange messages'],
    ['amqp://h', 'guest:guest h:5672 vhost / exchange messages'],
    ['amqp://h/', 'guest:guest h:5672 vhost / exchange messages'],
    ['AMQP://Host:1/%2f', 'guest:guest host:1 vhost / exchange messages'],
    ['amqp://h/%2f/orders', 'guest:guest h:5672 vhost / exchange orders'],
    ['amqp://h/%2F/orders/', 'guest:guest h:5672 vhost / exchange orders'],
    ['amqp://h/shop', 'guest:guest h:5672 vhost shop exchange messages'],
    ['amqp://h/my%20shop/a%2Fb', 'guest:guest h:5672 vhost my shop exchange a/b'],
    ['amqp://u:p@h/shop/orders', 'u:p h:5672 vhost shop exchange orders'],
    ['amqp://u@h', 'u:guest h:5672 vhost / exchange messages'],
    ['amqp://u:p%40%2F%3A@h', 'u:p@/: h:5672 vhost / exchange messages'],
    ['amqp://u:p@ss@h', 'u:p@ss h:5672 vhost / exchange messages'],
    ['amqp://u:p:q@h', 'u:p:q h:5672 vhost / exchange messages'],
    ['amqps://h', 'guest:guest h:5671 vhost / exchange messages'],
    ['amqp://[::1]:7/v', 'guest:guest ::1:7 vhost v exchange messages'],
    ['amqp://u:p@h1:1,h2/v/e', 'u:p h1:1 h2:5672 vhost v exchange e'],
    ['amqp://u:p@h1,u:p@h2,[::1]', 'u:p h1:5672 h2:5672 ::1:5672 vhost / exchange messages'],
    ['amqps://h1,h2:7', 'guest:guest h1:5671 h2:7 vhost / exchange messages'],
    ['amqp://h1,h2:7?port=9', 'guest:guest h1:9 h2:7 vhost / exchange messages'],
  ])('"%s" is %s', (dsn, expected) => {
    expect(placeOf(dsn)).toBe(expected);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['amqp://', { host: 'h', port: 1 }, 'guest:guest h:1 vhost / exchange messages'],
    ['amqp://h:1', { port: 2 }, 'guest:guest h:2 vhost / exchange messages'],
    ['amqp://h:1', { host: 'other:2' }, 'guest:guest other:2 vhost / exchange messages'],
    ['amqp://h', { hosts: ['a', 'b:2'] }, 'guest:guest a:5672 b:2 vhost / exchange messages'],
    ['amqp://h', { hosts: 'a,b:2' }, 'guest:guest a:5672 b:2 vhost / exchange messages'],
    ['amqp:?hosts[]=a&hosts[]=b:2', {}, 'guest:guest a:5672 b:2 vhost / exchange messages'],
    ['amqp:?host=a', { hosts: ['b'] }, 'guest:guest b:5672 vhost / exchange messages'],
    ['amqp:?host=a&port=3&vhost=v', {}, 'guest:guest a:3 vhost v exchange messages'],
    ['amqp://h/v', { vhost: 'w' }, 'guest:guest h:5672 vhost w exchange messages'],
    ['amqp://h/v/e?vhost=w&exchange[name]=f', {}, 'guest:guest h:5672 vhost w exchange f'],
    ['amqp://h/v/e?exchange[name]=f', { exchange: { name: 'g' } }, 'guest:guest h:5672 vhost v exchange g'],
    ['amqp://h?login=u&password=p', {}, 'u:p h:5672 vhost / exchange messages'],
    ['amqp://h?user=u', { login: 'v' }, 'v:guest h:5672 vhost / exchange messages'],
    ['amqp://u:p@h?login=v&password=q', {}, 'u:p h:5672 vhost / exchange messages'],
    ['amqp://u:p@h', { user: 'v', password: 'q' }, 'v:q h:5672 vhost / exchange messages'],
    ['amqp://h', { host: null, login: null }, 'guest:guest h:5672 vhost / exchange messages'],
  ])('"%s" with the options %o is %s', (dsn, options, expected) => {
    expect(placeOf(dsn, options)).toBe(expected);
  });

  it.each([
    ['amqp:h', 'a host must follow "//"'],
    ['amqp:/h', 'a host must follow "//"'],
    ['amqp://h:x', 'a port must be a number from 1 to 65535'],
    ['amqp://h:0', 'a port must be a number from 1 to 65535'],
    ['amqp://h:65536', 'a port must be a number from 1 to 65535'],
    ['amqp://h!', 'a host must be a name of letters'],
    ['amqp://h1,', 'a host must be a name of letters'],
    ['amqp://[h]', 'a host must be a name of letters'],
    ['amqp://u:p@', 'no host follows the "@"'],
    ['amqp://u:p@h1,v:q@h2', 'its hosts have different users; if it has a user name'],
    ['amqp://u:%zz@h', 'its password has a broken "%" escape'],
    ['amqp://h/%zz', 'its path has a broken "%" escape'],
    ['amqp://h//orders', 'the vhost "/" is written "%2f"'],
    ['amqp://h/a/b/c', 'its path goes on after "/vhost/exchange"'],
    ['amqp://h/a@b', 'it has an "@" in its path'],
  ])('"%s" is refused: %s', (dsn, reason) => {
    const error = errorOf(() => resolveDsn(dsn));

    expect(error).toBeInstanceOf(InvalidDsnError);
    expect(error.message).toContain(reason);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['amqp://h1:1,h2:2', { port: 3 }, 'option "port" is given, and each host has a port beside it'],
    ['amqp://', { host: 'h:1', port: 3 }, 'option "port" is given, and each host has a port beside it'],
    ['amqp://', { host: 'h', hosts: ['i'] }, 'option "host" names a host, and so does "hosts"'],
    ['amqp://', { login: 'u', user: 'v' }, 'option "user" means the same as "login"'],
    ['amqp://', { host: 'a b' }, 'option "host" is not valid: a host must be'],
    ['amqp://', { hosts: [] }, 'option "hosts" must be a list of hosts'],
    ['amqp://', { hosts: [7] }, 'option "hosts" must be a text such as "host"'],
    ['amqp://', { hosts: 7 }, 'option "hosts" must be a list of hosts'],
  ])('"%s" with the options %o is refused: %s', (dsn, options, reason) => {
    const error = errorOf(() => resolveDsn(dsn, options));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toContain(reason);
  });
});

describe('the description of an AMQP endpoint', () => {
  it.each([
    ['amqp:', 'amqp://localhost:5672/%2F'],
    ['amqp://u:hush@h/shop/orders?password=x', 'amqp://h:5672/shop'],
    ['amqps://h1,[::1]:7/a%20b', 'amqps://h1:5671,[::1]:7/a%20b'],
  ])('of "%s" is "%s"', (dsn, expected) => {
    expect(describeEndpoint(resolveDsn(dsn).endpoint)).toBe(expected);
  });
});

describe('the key of an AMQP endpoint', () => {
  const keyOf = (dsn: string): string => endpointKey(resolveDsn(dsn).endpoint);

  it.each([
    ['amqp:', 'amqp://localhost:5672/%2f/orders?prefetch_count=5&queues[a]&delay[strategy]=plugin'],
    ['amqp://u:hush@h', 'amqp://h?login=u&password=hush'],
    ['amqp://h1,h2', 'amqp://H2,h1:5672'],
    ['amqp://h', 'amqp://h?heartbeat=30&connect_timeout=0&frame_max=0'],
    ['amqps://h', 'amqps://h:5671'],
  ])('is equal for "%s" and "%s"', (one, other) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });

  it.each([
    ['amqp://h', 'amqp://h:5673'],
    ['amqp://h:5671', 'amqps://h'],
    ['amqp://h', 'amqp://h/v'],
    ['amqp://h', 'amqp://u@h'],
    ['amqp://u:a@h', 'amqp://u:b@h'],
    ['amqp://h', 'amqp://h?heartbeat=5'],
    ['amqp://h', 'amqp://h?connect_timeout=5'],
    ['amqp://h', 'amqp://h?read_timeout=5'],
    ['amqp://h', 'amqp://h?connection_name=x'],
    ['amqp://h', 'amqp://h?frame_max=8192'],
    ['amqp://h', 'amqp://h?channel_max=8'],
    ['amqps://h', 'amqps://h?verify=0'],
  ])('tells "%s" from "%s"', (one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
  });
});
