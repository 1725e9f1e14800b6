import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Interval } from '../ledger/history.js';
import { watchStandstills } from '../ledger/standstills.js';

const BLOCKED_MS = 800;

describe('the watch for standstills', () => {
  it('tells when the process could do nothing', async () => {
    const told: Interval[] = [];
    onTestFinished(watchStandstills((standstill) => told.push(standstill)));
    const from = Date.now();
    const end = performance.now() + BLOCKED_MS;
    while (performance.now() < end);
    const to = Date.now();
    await sleep(150);

    expect(told[0]?.from).toBeLessThanOrEqual(from + 1);
    expect(told[0]?.to).toBeGreaterThanOrEqual(to - 1);
  });
});
