import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runWithTimeout } from '../../../lib/handler/handler-timeout.js';
import { rejectionOf } from '../../fixtures/core.js';

describe('a handler with a time-out', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('hears of a lost lease, too, and nothing is left listening when it is done', async () => {
    const lease = new AbortController();
    const lost = new Error('The lease is lost.');

    const run = runWithTimeout('H', 1000, lease.signal, (signal) => {
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
    });
    expect(getEventListeners(lease.signal, 'abort')).toHaveLength(1);
    lease.abort(lost);

    expect(await run).toBe(lost);
    expect(getEventListeners(lease.signal, 'abort')).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('starts with an aborted signal if the lease is lost already', async () => {
    expect(await runWithTimeout('H', 1000, AbortSignal.abort(), (signal) => signal.aborted)).toBe(true);
  });

  it('is not waited for any longer, and its late result is ignored', async () => {
    let finish: (result: string) => void = () => undefined;
    const run = rejectionOf(
      runWithTimeout('H', 1000, undefined, () => new Promise((resolve) => (finish = resolve))),
    );

    await vi.advanceTimersByTimeAsync(1000);
    finish('late');

    expect(await run).toMatchObject({ code: 'MESSENGER_HANDLER_TIMEOUT' });
  });
});
