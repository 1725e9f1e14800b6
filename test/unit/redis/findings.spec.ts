import { describe, expect, it } from 'vitest';
import { eviction, otherGroups } from '../../../lib/transports/redis/redis.dangers.js';
import { keysOf } from '../../../lib/transports/redis/redis.keys.js';
import { serverFindings } from '../../../lib/transports/redis/redis.server-findings.js';
import { bound, consumers, trimmed } from '../../../lib/transports/redis/redis.stream-findings.js';
import { resolveDsn } from './setup.js';

const SAFE = {
  persistence: 'aof_enabled:1\r\naof_last_write_status:ok\r\n',
  replication: 'role:master\r\nconnected_slaves:0\r\n',
  settings: new Map([['appendfsync', 'always']]),
};

const server = (facts: Partial<typeof SAFE>, waitReplicas = 0) =>
  serverFindings({ ...SAFE, ...facts }, { waitReplicas }).map(({ code, level }) => `${level} ${code}`);

describe('a Redis server', () => {
  it('may be safe', () => expect(server({})).toEqual([]));

  it('may keep no append-only file, and says what that loses', () => {
    const persistence = 'aof_enabled:0\r\n';
    const problem = (save?: string) =>
      serverFindings(
        { ...SAFE, persistence, settings: new Map(save === undefined ? [] : [['save', save]]) },
        { waitReplicas: 0 },
      )[0]?.problem;

    expect(server({ persistence })).toEqual(['loss redis.appendonly']);
    expect(problem('')).toMatch(/takes no snapshots either \("save"\), so a restart loses everything\.$/);
    expect(problem('3600 1')).toMatch(
      /: a crash loses what was stored since its last snapshot \("save 3600 1"\)\.$/,
    );
    expect(problem()).toMatch(/since its last snapshot, or everything if it takes none\.$/);
  });

  it('may be unable to write it', () => {
    expect(server({ persistence: 'aof_enabled:1\r\naof_last_write_status:err\r\n' })).toEqual([
      'loss redis.appendonly-failing',
    ]);
  });

  it('may write it to the disk later, or not say when', () => {
    expect(server({ settings: new Map([['appendfsync', 'everysec']]) })).toEqual([
      'advice redis.appendfsync',
    ]);
    expect(server({ settings: new Map() })).toEqual(['unchecked redis.appendfsync']);
  });

  it('may have replicas that nobody waits for', () => {
    const replication = 'role:master\r\nconnected_slaves:2\r\n';

    expect(server({ replication })).toEqual(['advice redis.replicas']);
    expect(server({ replication }, 1)).toEqual([]);
  });

  it('may tell nothing', () => {
    expect(serverFindings({ ...SAFE, persistence: undefined }, { waitReplicas: 0 })).toMatchObject([
      { code: 'redis.info', level: 'unchecked' },
    ]);
  });

  it.each([
    ['maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n', []],
    ['maxmemory:100\r\nmaxmemory_policy:noeviction\r\n', []],
    ['maxmemory:100\r\nmaxmemory_policy:volatile-ttl\r\n', []],
    ['maxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n', ['redis.eviction']],
  ])('may evict streams: %j', (memory, codes) => {
    expect(eviction(memory).map(({ code }) => code)).toEqual(codes);
  });
});

describe('a stream', () => {
  it.each([
    ['9-2', '9-3', []],
    ['9-3', '9-3', []],
    ['10-0', '9-3', ['redis.trimmed']],
    [undefined, '9-3', ['redis.trimmed']],
    ['9-3', undefined, []],
    [undefined, undefined, []],
  ])('that begins with %s, while %s is in hand, was trimmed or not', (first, pending, codes) => {
    expect(trimmed('orders', first, pending).map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    [0, 100, []],
    [100, 79, []],
    [100, 80, ['advice']],
    [100, 100, ['loss']],
  ])('for %d messages that has %d is full or not', (streamMaxEntries, ready, levels) => {
    const findings = bound('orders', { ready: ready - 1, inFlight: 1 }, { streamMaxEntries });

    expect(findings.map(({ level }) => level)).toEqual(levels);
  });

  it('with a second group loses what the first has settled, unless that is kept', () => {
    const groups = [
      ['name', 'symfony'],
      ['name', 'audit'],
    ];
    const found = (query: string) =>
      otherGroups(groups, keysOf('orders', false), resolveDsn(`redis://localhost/orders?${query}`));

    expect(found('')).toMatchObject([{ code: 'redis.other-groups', level: 'loss' }]);
    expect(found('delete_after_ack=false&delete_after_reject=false')).toEqual([]);
  });
});

describe('the consumers of a group', () => {
  const found = (isConsumerFixed: boolean, ...all: Parameters<typeof consumers>[1]) =>
    consumers('symfony', all, { consumer: 'one', isConsumerFixed }, 15_000).map(({ code }) => code);
  const stranger = { name: 'consumer', pending: 0, idle: 200, hasLease: false };

  it('may all have the name in the configuration', () => {
    expect(found(true)).toEqual(['redis.consumer-name']);
    expect(found(false)).toEqual([]);
  });

  it('may be of another program', () => {
    expect(found(false, stranger)).toEqual(['redis.consumer-without-lease']);
    expect(found(false, { ...stranger, hasLease: true })).toEqual([]);
    // One that is gone, and one that was killed with something in hand.
    expect(found(false, { ...stranger, idle: 15_000 }, { ...stranger, pending: 1 })).toEqual([]);
  });
});
