import { describe, expect, it } from 'vitest';
import { AmqpBackOff } from '../../../lib/transports/amqp/amqp.back-off.js';

/** The first ten pauses. */
function pausesOf(backOff: AmqpBackOff): number[] {
  return Array.from({ length: 10 }, () => backOff.next());
}

describe('the pauses between tries to connect', () => {
  it('are doubled from 50 ms to 5 s', () => {
    expect(pausesOf(new AmqpBackOff(() => 0))).toEqual([
      50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000,
    ]);
  });

  it('are shortened at random by up to a half', () => {
    expect(pausesOf(new AmqpBackOff(() => 0.5)).slice(0, 3)).toEqual([37.5, 75, 150]);
    const [first = 0] = pausesOf(new AmqpBackOff());
    expect(first).toBeGreaterThan(25);
    expect(first).toBeLessThanOrEqual(50);
  });

  it('begin anew after a connection that has lasted, and only then', () => {
    const backOff = new AmqpBackOff(() => 0);
    pausesOf(backOff);
    backOff.lost(4999);
    expect(backOff.next()).toBe(5000);
    backOff.lost(5001);
    expect(backOff.next()).toBe(50);
  });
});
