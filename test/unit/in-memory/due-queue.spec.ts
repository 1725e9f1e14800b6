import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byDueTime, type Due, DueQueue } from '../../../lib/transports/in-memory/due-queue.js';

const item = (availableAt: number, arrival: number): Due => ({ availableAt, arrival });

function drain(queue: DueQueue<Due>): Due[] {
  const taken: Due[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    taken.push(next);
  }
  return taken;
}

describe('DueQueue', () => {
  it('yields items by the time they fall due, and by their arrival if that is the same', () => {
    const times = fc.array(fc.integer({ min: 0, max: 20 }));
    fc.assert(
      fc.property(times, (availableAt) => {
        const items = availableAt.map((time, arrival) => item(time, arrival));
        const queue = new DueQueue<Due>();
        items.forEach((each) => queue.add(each));
        expect(drain(queue)).toEqual(items.toSorted(byDueTime));
      }),
    );
  });

  it('keeps the order when items are removed from the middle', () => {
    // Long enough for the heap to have branches: what fills a gap in one may come from another.
    const times = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), {
      minLength: 15,
      maxLength: 60,
    });
    fc.assert(
      fc.property(times, (entries) => {
        const items = entries.map(([time, isRemoved], arrival) => ({ ...item(time, arrival), isRemoved }));
        const queue = new DueQueue<Due>();
        items.forEach((each) => queue.add(each));
        items.filter(({ isRemoved }) => isRemoved).forEach((each) => queue.remove(each));
        expect(drain(queue)).toEqual(items.filter(({ isRemoved }) => !isRemoved).toSorted(byDueTime));
      }),
    );
  });

  it('shows the first item without taking it', () => {
    const queue = new DueQueue<Due>();
    expect(queue.first).toBeUndefined();
    queue.add(item(2, 1));
    queue.add(item(1, 2));
    expect(queue.first).toEqual(item(1, 2));
    expect(queue.first).toEqual(item(1, 2));
  });

  it('takes no notice of the removal of an item that it does not hold', () => {
    const queue = new DueQueue<Due>();
    queue.add(item(1, 1));
    queue.remove(item(1, 1));
    expect(drain(queue)).toEqual([item(1, 1)]);
  });
});
