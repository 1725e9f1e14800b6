import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../lib/testing/fake-clock.js';

describe('FakeClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new FakeClock(1000);
    expect(clock.now()).toBe(1000);
    await clock.advance(250);
    expect(clock.now()).toBe(1250);
  });

  it('can be started at a date, and starts at the same one in every run', () => {
    expect(new FakeClock(new Date('2031-05-06T07:08:09Z')).now()).toBe(Date.UTC(2031, 4, 6, 7, 8, 9));
    expect(new FakeClock().now()).toBe(new FakeClock().now());
  });

  it('fires timers in the order in which they are due, each at its own time', async () => {
    const clock = new FakeClock(0);
    const fired: Array<[string, number]> = [];
    clock.setTimer(() => fired.push(['late', clock.now()]), 30);
    clock.setTimer(() => fired.push(['early', clock.now()]), 10);
    clock.setTimer(() => fired.push(['early too', clock.now()]), 10);
    clock.setTimer(() => fired.push(['beyond', clock.now()]), 31);
    await clock.advance(30);
    expect(fired).toEqual([
      ['early', 10],
      ['early too', 10],
      ['late', 30],
    ]);
    expect(clock.nextTimerAt).toBe(31);
  });

  it('fires each timer once, and none that was cancelled', async () => {
    const clock = new FakeClock(0);
    const fired: string[] = [];
    const cancel = clock.setTimer(() => fired.push('cancelled'), 10);
    const cancelLater = clock.setTimer(() => fired.push('kept'), 10);
    cancel();
    await clock.advance(10);
    await clock.advance(10);
    cancelLater();
    expect(fired).toEqual(['kept']);
    expect(clock.nextTimerAt).toBeUndefined();
  });

  it('lets a timer cancel another that is due at the same time', async () => {
    const clock = new FakeClock(0);
    const fired: string[] = [];
    clock.setTimer(() => cancel(), 10);
    const cancel = clock.setTimer(() => fired.push('cancelled'), 10);
    await clock.advance(10);
    expect(fired).toEqual([]);
  });

  it('fires a timer that is set while time moves, if it falls due on the way', async () => {
    const clock = new FakeClock(0);
    const times: number[] = [];
    const again = async (): Promise<void> => {
      times.push(clock.now());
      // As code that waits for something else before it goes on.
      await Promise.resolve();
      clock.setTimer(() => void again(), 10);
    };
    clock.setTimer(() => void again(), 10);
    await clock.advance(35);
    expect(times).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
  });

  it('fires timers that are due already when it is moved by nothing', async () => {
    const clock = new FakeClock(0);
    const fired: number[] = [];
    clock.setTimer(() => fired.push(0), 0);
    clock.setTimer(() => fired.push(-5), -5);
    await clock.advance(0);
    expect(fired).toEqual([0, -5]);
  });

  it('never turns back', async () => {
    const clock = new FakeClock(100);
    await clock.advance(-50);
    expect(clock.now()).toBe(100);
  });
});
