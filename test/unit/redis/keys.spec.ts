import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../lib/transports/redis/redis.keys.js';

describe('the keys of a stream', () => {
  it('are those of one consumer only, whatever the names hold', () => {
    const keys = keysOf('orders', false);
    const consumers = [
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a%3Ab', 'c'],
      ['symfony', 'slot_01'],
    ] as const;
    expect(new Set(consumers.map(([group, name]) => keys.wake(group, name))).size).toBe(consumers.length);
    expect(new Set(consumers.map(([group, name]) => keys.lease(group, name))).size).toBe(consumers.length);
    expect(keys.lease('symfony', 'slot_01')).toBe('orders__consumer:symfony:slot_01');
  });

  it('are in the slot of the stream in a cluster', () => {
    expect(keysOf('orders', true)).toMatchObject({
      stream: 'orders',
      slot: 'orders',
      delayed: '{orders}__queue',
    });
    expect(keysOf('shop:{eu}:orders', true)).toMatchObject({
      slot: 'eu',
      delayed: 'shop:{eu}:orders__queue',
    });
  });
});
