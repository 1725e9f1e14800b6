import { expect, it } from 'vitest';
import { Pace } from '../../../lib/console/pace.js';
import type { Clock } from '../../../lib/envelope/clock.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';

const NEVER = new AbortController().signal;

it('lets one through at a time', async () => {
  const clock = new FakeClock();
  const pace = new Pace(20, clock);
  const start = clock.now();

  await pace.turn(NEVER);
  for (let turn = 1; turn <= 3; turn++) {
    const next = pace.turn(NEVER);
    expect(clock.nextTimerAt).toBe(start + turn * 20);
    await clock.advance(20);
    await next;
  }
});

it('catches up with a short pause, and with no more than a tenth of a second of a long one', async () => {
  const clock = new FakeClock();
  const pace = new Pace(20, clock);
  /** How many turns come at once, and when the one after them does. */
  const turnsAtOnce = async (): Promise<number> => {
    for (let count = 0; ; count++) {
      const turn = pace.turn(NEVER);
      if (clock.nextTimerAt !== undefined) {
        expect(clock.nextTimerAt).toBe(clock.now() + 20);
        await clock.advance(20);
        await turn;
        return count;
      }
      await turn;
    }
  };

  expect(await turnsAtOnce()).toBe(1);
  await clock.advance(60);
  expect(await turnsAtOnce()).toBe(3);
  await clock.advance(60_000);
  expect(await turnsAtOnce()).toBe(5);
});

it('waits no longer when the clock is set back', async () => {
  let now = 1_000_000;
  const delays: number[] = [];
  const clock: Clock = {
    now: () => now,
    setTimer(callback, ms) {
      delays.push(ms);
      queueMicrotask(callback);
      return () => undefined;
    },
  };
  const pace = new Pace(20, clock);

  await pace.turn(NEVER);
  now -= 500_000;
  await pace.turn(NEVER);

  expect(delays).toEqual([20]);
});

it('does not wait without a rate, or when it is stopped', async () => {
  const clock = new FakeClock();
  const free = new Pace(0, clock);
  await free.turn(NEVER);
  await free.turn(NEVER);

  const slow = new Pace(60_000, clock);
  const stop = new AbortController();
  await slow.turn(stop.signal);
  const waiting = slow.turn(stop.signal);
  expect(clock.nextTimerAt).toBe(clock.now() + 60_000);
  stop.abort();
  await waiting;
  expect(clock.nextTimerAt).toBeUndefined();
  await slow.turn(stop.signal);
});
