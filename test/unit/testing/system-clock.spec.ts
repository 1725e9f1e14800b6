import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';

const DAY_MS = 24 * 3600 * 1000;

describe('systemClock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells the time of the machine', () => {
    vi.setSystemTime(1234);
    expect(systemClock.now()).toBe(1234);
  });

  it('fires a timer once and on time', () => {
    const fired = vi.fn();
    systemClock.setTimer(fired, 100);
    vi.advanceTimersByTime(99);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('holds timers longer than those of Node can be, and cancels them in any part of their way', () => {
    const fired = vi.fn();
    const cancelled = vi.fn();
    systemClock.setTimer(fired, 60 * DAY_MS);
    const cancel = systemClock.setTimer(cancelled, 60 * DAY_MS);
    vi.advanceTimersByTime(60 * DAY_MS - 1);
    expect(fired).not.toHaveBeenCalled();
    cancel();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
    expect(cancelled).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
