import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { Housekeeping } from '../../../lib/worker/housekeeping.js';
import { StopSignal } from '../../../lib/worker/stop-signal.js';
import { resolveWorkerOptions, type WorkerOptions } from '../../../lib/worker/worker-options.js';

/** A transport that tells of signals, if it pushes them. */
function storeOf(isPushing: boolean) {
  const listeners = new Set<() => void>();
  const store = Object.assign(new InMemoryTransport(), {
    writeSignal: async () => listeners.forEach((listener) => listener()),
    readSignal: async () => undefined,
    ...(isPushing && {
      onSignal: (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener)),
    }),
  });
  return { store, listeners };
}

interface Setup {
  readonly isPushing?: boolean;
  readonly isIdle?: boolean;
  readonly options?: WorkerOptions;
}

function setup({ isPushing = true, isIdle = true, options = {} }: Setup = {}) {
  const { store, listeners } = storeOf(isPushing);
  const stopSignal = new StopSignal(new TransportRegistry(new Map([['async', store]])));
  const keepHouse = vi.fn();
  const housekeeping = new Housekeeping({
    options: resolveWorkerOptions(options),
    stopSignal,
    clock: new FakeClock(0),
    startedAt: 0,
    keepHouse,
    isIdle: () => isIdle,
  });
  housekeeping.start();
  return { housekeeping, keepHouse, stopSignal, listeners };
}

describe('the housekeeping of a worker', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is done once a second while the worker is at rest', () => {
    const { keepHouse } = setup();
    vi.advanceTimersByTime(10_100);
    expect(keepHouse).toHaveBeenCalledTimes(11);
  });

  it.each([
    ['works', { isIdle: false }],
    ['has to ask whether it shall stop', { isPushing: false }],
    ['has a memory limit', { options: { memoryLimit: 1e9 } }],
  ])('is done ten times a second while it %s', (_, given) => {
    const { keepHouse } = setup(given);
    vi.advanceTimersByTime(10_000);
    expect(keepHouse).toHaveBeenCalledTimes(100);
  });

  it('is done at the end of the time limit, and soon when something happens, also after a rest', () => {
    const { keepHouse, housekeeping } = setup({ options: { timeLimit: 250 } });
    vi.advanceTimersByTime(100 + 250);
    expect(keepHouse).toHaveBeenCalledTimes(2);
    housekeeping.wake();
    vi.advanceTimersByTime(100);
    expect(keepHouse).toHaveBeenCalledTimes(3);
    housekeeping.stop();
    vi.advanceTimersByTime(10_000);
    expect(keepHouse).toHaveBeenCalledTimes(3);
  });
});

describe('a stop signal that is pushed', () => {
  it('tells those who listen, until they have enough', async () => {
    const { stopSignal, listeners } = setup();
    const hint = vi.fn();
    const stop = stopSignal.onHint(hint);
    await stopSignal.request();
    expect(hint).toHaveBeenCalledTimes(1);
    stop();
    expect(listeners.size).toBe(0);
  });
});
