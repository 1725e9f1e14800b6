import { describe, expect, it } from 'vitest';
import { HeldLease } from '../../../lib/worker/held-lease.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';

const LEASE_MS = 60_000;

const longAgo = (): number => performance.now() - 2 * LEASE_MS;

const newLease = (): HeldLease => new HeldLease(new InMemoryTransport({ redeliverTimeout: LEASE_MS / 1000 }));

describe('the lease of what a worker has read ahead', () => {
  it('may have ended if the process could not read for longer than it lasts, until the transport has been asked', () => {
    const lease = newLease();
    lease.began(longAgo(), true);
    expect(lease.mayHaveEnded).toBe(true);

    const at = performance.now();
    lease.asked();
    lease.prolonged(at);
    expect(lease.mayHaveEnded).toBe(false);
  });

  it('is that of the message which has it for the longest time', () => {
    const lease = newLease();
    lease.began(longAgo(), true);
    lease.began(performance.now(), false);
    expect(lease.mayHaveEnded).toBe(true);
    lease.began(performance.now(), true);
    expect(lease.mayHaveEnded).toBe(false);
  });

  it('is not known of what arrived while the transport was asked about others, and had waited to be read', () => {
    const lease = newLease();
    lease.began(performance.now(), true);
    const at = performance.now();
    lease.asked();
    lease.began(longAgo(), false);
    lease.prolonged(at);
    expect(lease.mayHaveEnded).toBe(true);

    lease.asked();
    lease.prolonged(performance.now());
    expect(lease.mayHaveEnded).toBe(false);
  });

  it('does not change when the transport could not be asked', () => {
    const lease = newLease();
    lease.began(longAgo(), true);
    lease.asked();
    expect(lease.mayHaveEnded).toBe(true);
  });
});
