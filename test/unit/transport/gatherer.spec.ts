import { describe, expect, it } from 'vitest';
import { Gatherer } from '../../../lib/transport/gatherer.js';
import { deferred, rejectionOf } from '../../fixtures/core.js';

describe('a gatherer', () => {
  it('hands over together what arrives in one turn, and gives each caller its own result', async () => {
    const flushes: number[][] = [];
    const gatherer = new Gatherer<number, string>((items) => {
      flushes.push([...items]);
      return items.map((item) => `result ${item}`);
    });
    const later = async (item: number): Promise<string> => {
      await Promise.resolve();
      await Promise.resolve();
      return gatherer.add(item);
    };

    const results = await Promise.all([gatherer.add(1), later(2), gatherer.add(3)]);

    expect(results).toEqual(['result 1', 'result 2', 'result 3']);
    expect(flushes).toEqual([[1, 3, 2]]);
  });

  it('does not let a lone item wait for a timer', async () => {
    const gatherer = new Gatherer<number, number>((items) => items);
    let timerFired = false;
    const timer = setImmediate(() => (timerFired = true));

    await gatherer.add(1);

    expect(timerFired).toBe(false);
    clearImmediate(timer);
  });

  it('does not overlap flushes: what arrives during one goes with the next', async () => {
    const gate = deferred();
    const flushes: number[][] = [];
    const gatherer = new Gatherer<number, number>(async (items) => {
      flushes.push([...items]);
      await gate.promise;
      return items;
    });

    const first = gatherer.add(1);
    await new Promise((resolve) => setImmediate(resolve));
    const others = [gatherer.add(2), gatherer.add(3)];
    await new Promise((resolve) => setImmediate(resolve));
    expect(flushes).toEqual([[1]]);
    gate.resolve();
    await Promise.all([first, ...others]);

    expect(flushes).toEqual([[1], [2, 3]]);
  });

  it('overlaps flushes if it may: each caller has its result as soon as its own flush has ended', async () => {
    const gates = [deferred(), deferred(), deferred()];
    const flushes: number[][] = [];
    const gatherer = new Gatherer<number, number>(
      async (items) => {
        await gates[flushes.push([...items]) - 1]?.promise;
        return items;
      },
      { maxItems: 2, overlaps: true },
    );

    const first = [gatherer.add(1), gatherer.add(2), gatherer.add(3)];
    await new Promise((resolve) => setImmediate(resolve));
    const later = gatherer.add(4);
    await new Promise((resolve) => setImmediate(resolve));

    expect(flushes).toEqual([[1, 2], [3], [4]]);
    gates[1]?.resolve();
    expect(await first[2]).toBe(3);
    expect(gatherer.isBusy).toBe(true);
    gates[0]?.resolve();
    gates[2]?.resolve();
    expect(await Promise.all([...first, later])).toEqual([1, 2, 3, 4]);
    await gatherer.drained();
    expect(gatherer.isBusy).toBe(false);
  });

  it('flushes no more than its maximum at once', async () => {
    const sizes: number[] = [];
    const gatherer = new Gatherer<number, number>(
      (items) => {
        sizes.push(items.length);
        return items;
      },
      { maxItems: 2 },
    );

    await Promise.all([1, 2, 3, 4, 5].map((item) => gatherer.add(item)));

    expect(sizes).toEqual([2, 2, 1]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('No.');
      },
    ],
    ['rejects', () => Promise.reject(new Error('No.'))],
  ])('rejects every caller of a flush that %s, and goes on', async (_, fail) => {
    let calls = 0;
    const gatherer = new Gatherer<number, number>((items) => (++calls === 1 ? fail() : items));

    const errors = await Promise.all([1, 2].map((item) => rejectionOf(gatherer.add(item))));

    expect(errors.map(({ message }) => message)).toEqual(['No.', 'No.']);
    expect(await gatherer.add(3)).toBe(3);
  });

  it('is drained once everything added so far was flushed', async () => {
    let flushed = 0;
    const gatherer = new Gatherer<number, number>(
      async (items) => {
        await new Promise((resolve) => setImmediate(resolve));
        flushed += items.length;
        return items;
      },
      { maxItems: 1 },
    );

    void gatherer.add(1);
    void gatherer.add(2);
    await gatherer.drained();

    expect(flushed).toBe(2);
  });
});
