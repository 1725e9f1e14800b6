import { describe, expect, it } from 'vitest';
import { InvalidDsnError } from '../../../lib/errors/invalid-dsn.error.js';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { UnknownOptionError } from '../../../lib/errors/unknown-option.error.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { resolveRedisOptions } from '../../../lib/transports/redis/redis.options.js';
import { errorOf, resolveDsn } from './setup.js';

describe('options of the Redis transport', () => {
  it('have defaults for everything', () => {
    expect(resolveDsn('redis:')).toEqual({
      stream: 'messages',
      group: 'symfony',
      consumer: 'box-42-0badcafe',
      isConsumerNamed: false,
      isConsumerFixed: false,
      autoSetup: true,
      deleteAfterAck: true,
      deleteAfterReject: true,
      streamMaxEntries: 0,
      redeliverTimeout: 60,
      claimInterval: 5000,
      lazy: true,
      waitReplicas: 0,
      waitTimeout: 1000,
      endpoint: {
        mode: 'single',
        hosts: [{ host: '127.0.0.1', port: 6379 }],
        database: 0,
        connectTimeout: 5000,
        commandTimeout: 5000,
        retryInterval: 50,
      },
    });
  });

  it('are read from the query in snake_case', () => {
    const query =
      'auto_setup=no&delete_after_ack=0&delete_after_reject=FALSE&stream_max_entries=1000&redeliver_timeout=2.5' +
      '&claim_interval=60000&lazy=off&wait_replicas=2&wait_timeout=50&timeout=0.25&read_timeout=10&retry_interval=100';

    expect(resolveDsn(`redis://h/s/g/c?${query}`)).toEqual({
      stream: 's',
      group: 'g',
      consumer: 'c',
      isConsumerNamed: true,
      isConsumerFixed: true,
      autoSetup: false,
      deleteAfterAck: false,
      deleteAfterReject: false,
      streamMaxEntries: 1000,
      redeliverTimeout: 2.5,
      claimInterval: 60_000,
      lazy: false,
      waitReplicas: 2,
      waitTimeout: 50,
      endpoint: {
        mode: 'single',
        hosts: [{ host: 'h', port: 6379 }],
        database: 0,
        connectTimeout: 250,
        commandTimeout: 10_000,
        retryInterval: 100,
      },
    });
  });

  it('are read from code in either spelling, which wins', () => {
    const options = { streamMaxEntries: 5, redeliver_timeout: 3, lazy: false, timeout: undefined };

    expect(
      resolveDsn('redis:?stream_max_entries=1&redeliver_timeout=9&lazy=1&timeout=2', options),
    ).toMatchObject({
      streamMaxEntries: 5,
      redeliverTimeout: 3,
      lazy: false,
      endpoint: { connectTimeout: 2000 },
    });
  });

  it('take 0 for times without limit, as Symfony has it, and set the limit', () => {
    expect(resolveDsn('redis:?timeout=0&read_timeout=0.0&retry_interval=0').endpoint).toMatchObject({
      connectTimeout: 5000,
      commandTimeout: 5000,
      retryInterval: 50,
    });
    expect(resolveDsn('redis:?timeout=0.0001&read_timeout=1e-9&retry_interval=0.1').endpoint).toMatchObject({
      connectTimeout: 1,
      commandTimeout: 1,
      retryInterval: 1,
    });
  });

  it('may be those of the PHP application on the same stream', () => {
    const dsn =
      'redis://h/s?serializer=1&persistent_id=x&auto_setup=true&stream_max_entries=0&dbindex=0&lazy=true&cluster=false';

    expect(resolveDsn(dsn)).toEqual(resolveDsn('redis://h/s'));
    expect(resolveDsn('redis://h/s?serializer=0', { persistent_id: null })).toEqual(
      resolveDsn('redis://h/s'),
    );
  });

  it.each([
    ['stream', '', 'must be a text that is not empty'],
    ['stream', 'a\nb', 'must not have control characters, got "a\\nb"'],
    ['stream', 's'.repeat(257), 'must not be longer than 256 bytes, got 257'],
    ['group', '', 'must be a text that is not empty'],
    ['group', 'a\u0085', 'must not have control characters'],
    ['group', 'é'.repeat(129), 'must not be longer than 256 bytes, got 258'],
    ['auto_setup', 'perhaps', 'must be true or false, got "perhaps"'],
    ['delete_after_ack', '2', 'must be true or false, got "2"'],
    ['delete_after_reject', '', 'must be true or false, got ""'],
    ['lazy', 'never', 'must be true or false, got "never"'],
    ['stream_max_entries', '-1', 'must be a number from 0 up, got "-1"'],
    ['stream_max_entries', '1.5', 'must be a whole number, got "1.5"'],
    ['redeliver_timeout', '0', 'must be a number from 0.1 to 2147483.647, got "0"'],
    ['redeliver_timeout', '2147484', 'must be a number from 0.1 to 2147483.647, got "2147484"'],
    ['redeliver_timeout', 'soon', 'must be a number from 0.1 to 2147483.647, got "soon"'],
    ['claim_interval', '499', 'must be a number from 500 to 2147483647, got "499"'],
    ['claim_interval', '2147483648', 'must be a number from 500 to 2147483647'],
    ['wait_replicas', '-1', 'must be a number from 0 up'],
    ['wait_timeout', '0', 'must be a number from 1 to 2147483647'],
    ['timeout', '-1', 'must be a number from 0 to 2147483.647'],
    ['read_timeout', 'NaN', 'must be a number from 0 to 2147483.647'],
    ['retry_interval', 'Infinity', 'must be a number from 0 to 2147483647'],
    ['dbindex', 'one', 'must be a number from 0 up'],
    ['serializer', '2', 'is 2 (igbinary), which cannot be read here; set the option "serializer" of the PHP'],
    ['serializer', '3', 'is 3 (msgpack), which cannot be read here'],
    ['serializer', '4', 'is 4 (JSON), which cannot be read here'],
    ['serializer', '5', 'must be a number from 0 to 4, got "5"'],
    ['serializer', 'php', 'must be a number from 0 to 4, got "php"'],
    ['ssl', '1', 'must be an object; in a DSN, write "ssl[verify_peer]=0"'],
  ])('refuse a "%s" of "%s"', (key, value, reason) => {
    const error = errorOf(() => resolveDsn(`rediss:?${key}=${encodeURIComponent(value)}`));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toContain(`Transport "async": option "${key}" ${reason}`);
  });

  it('refuse a path that looks like the number of a database, unless the stream is named beside it', () => {
    const error = errorOf(() => resolveDsn('redis://:hunter2@localhost:6379/2'));

    expect(error).toBeInstanceOf(InvalidDsnError);
    expect(error.message).toContain('write "redis://host:6379/orders?dbindex=2"');
    expect(error.message).not.toContain('hunter2');
    expect(resolveDsn('redis://localhost:6379/2', { stream: 'orders' })).toMatchObject({
      stream: 'orders',
      endpoint: { database: 0 },
    });
  });

  it('refuse what code gives in the place of a text', () => {
    expect(() => resolveDsn('redis:', { stream: 5 })).toThrow('option "stream" must be a text');
    expect(() => resolveDsn('redis:', { stream: '' })).toThrow('option "stream" must be a text');
    expect(() => resolveDsn('redis:', { host: [] })).toThrow('option "host" must name a host');
    expect(() => resolveDsn('redis:', { host: [5] })).toThrow(
      'option "host" must be a text, or a list of texts',
    );
    expect(() => resolveDsn('rediss:', { ssl: [] })).toThrow('option "ssl" must be an object');
  });

  it.each([
    ['redeliver_timout=60', 'Did you mean "redeliverTimeout"?'],
    ['streem=s', 'Did you mean "stream"?'],
    ['db_index=1', 'Did you mean "dbindex"?'],
    ['sentinel_mastr=m', 'Did you mean "sentinelMaster"?'],
    ['__proto__=1', 'unknown option "__proto__"'],
    ['constructor=1', 'unknown option "constructor"'],
    ['consumer=w@1&streem=s', 'Did you mean "stream"?'],
    ['auth=p@ss&streem=s', 'Did you mean "stream"?'],
    ['auth[2]=x', 'unknown option "auth[2]"'],
    ['auth[user]=x', 'unknown option "auth[user]"'],
    ['stream[]=x', 'unknown option "stream[]"'],
  ])('name the nearest known key for one that is mistyped: "%s"', (query, text) => {
    const error = errorOf(() => resolveDsn(`redis:?${query}`));

    expect(error).toBeInstanceOf(UnknownOptionError);
    expect(error.message).toContain('Transport "async": unknown option');
    expect(error.message).toContain(text);
  });

  it('make a consumer name of this process, unless told of another', () => {
    const resolve = () => resolveRedisOptions('async', new Dsn('redis:', 'async')).consumer;

    expect(resolve()).toMatch(new RegExp(`-${process.pid}-[0-9a-f]{8}$`));
    expect(resolve()).not.toBe(resolve());
  });
});
