import { describe, expect, it } from 'vitest';
import { describeEndpoint, endpointKey } from '../../../lib/transports/redis/redis.endpoint.js';
import { resolveDsn } from './setup.js';
import { CERTIFICATE, KEY } from './tls-material.js';

const describeDsn = (dsn: string) => describeEndpoint(resolveDsn(dsn).endpoint);
const keyOf = (dsn: string, options = {}) => endpointKey(resolveDsn(dsn, options).endpoint);

describe('the description of a Redis endpoint', () => {
  it.each([
    ['redis:', 'redis://127.0.0.1:6379'],
    ['redis://u:hush@h/s/g/c?timeout=1', 'redis://***@h:6379'],
    ['redis://h?auth=hush&dbindex=2', 'redis://***@h:6379?dbindex=2'],
    ['rediss://[::1]:7', 'rediss://[::1]:7'],
    ['redis:///run/redis.sock', 'redis:///run/redis.sock'],
    ['redis://hush@/run/redis.sock', 'redis://***@/run/redis.sock'],
    ['redis://hush@h1,redis://hush@h2:7', 'redis://***@h1:6379,h2:7'],
    ['redis://h1?cluster=1', 'redis://h1:6379?cluster=true'],
    [
      'rediss://u:hush@h1,h2?sentinel_master=m&auth=hush2&dbindex=1',
      'rediss://***@h1:26379,h2:26379?sentinel_master=m&dbindex=1',
    ],
  ])('of "%s" is "%s"', (dsn, expected) => {
    expect(describeDsn(dsn)).toBe(expected);
  });
});

describe('the key of a Redis endpoint', () => {
  it.each([
    ['redis:', 'redis://127.0.0.1:6379/other/group/consumer?lazy=0&claim_interval=600'],
    ['redis://u:hush@h', 'redis://h?auth[]=u&auth[]=hush'],
    ['redis://H', 'valkey://h:6379?timeout=5'],
    ['redis://h1,h2', 'redis://h2,redis://h1'],
    ['redis://h1,h2?sentinel_master=m', 'redis:?host[h2]&host[h1:26379]&redis_sentinel=m'],
    [
      'rediss://h?ssl[verify_peer]=0&ssl[verify_peer_name]=0',
      'rediss://h?ssl[verify_peer_name]=0&ssl[verify_peer]=0',
    ],
  ])('is equal for "%s" and "%s"', (one, other) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });

  it.each([
    ['redis://h', 'redis://h:6380'],
    ['redis://h', 'rediss://h'],
    ['redis://h', 'redis://h?cluster=1'],
    ['redis://h', 'redis://h?dbindex=1'],
    ['redis://h', 'redis://hush@h'],
    ['redis://hush@h', 'redis://hush2@h'],
    ['redis://a:hush@h', 'redis://b:hush@h'],
    ['redis://h?timeout=1', 'redis://h?timeout=2'],
    ['redis://h?read_timeout=1', 'redis://h?read_timeout=2'],
    ['redis://h?retry_interval=1', 'redis://h?retry_interval=2'],
    ['redis:///a.sock', 'redis:///b.sock'],
    ['redis://h?sentinel_master=a', 'redis://h?sentinel_master=b'],
    ['redis://p@h?sentinel_master=a&auth=hush', 'redis://p@h?sentinel_master=a&auth=hush2'],
    ['rediss://h?ssl[verify_peer]=0', 'rediss://h?ssl[verify_peer]=1'],
    ['rediss://h?ssl[verify_peer_name]=0', 'rediss://h'],
    ['rediss://h?ssl[peer_name]=a', 'rediss://h?ssl[peer_name]=b'],
  ])('tells "%s" from "%s"', (one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it('tells TLS material apart, and functions that check names', () => {
    const client = { cert: CERTIFICATE, key: KEY };

    expect(keyOf('rediss://h', { ssl: client })).toBe(keyOf('rediss://h', { ssl: { ...client } }));
    expect(keyOf('rediss://h', { ssl: client })).not.toBe(keyOf('rediss://h', { ssl: { ca: CERTIFICATE } }));
    expect(keyOf('rediss://h', { ssl: { checkServerIdentity: () => new Error('no') } })).not.toBe(
      keyOf('rediss://h', { ssl: { checkServerIdentity: () => undefined } }),
    );
  });
});
