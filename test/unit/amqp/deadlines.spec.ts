import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AmqpDeadlines } from '../../../lib/transports/amqp/amqp.deadlines.js';

interface Item {
  readonly name: string;
}

const LIMIT = 100;

function setup(limit: number = LIMIT) {
  const overdue: string[] = [];
  const deadlines = new AmqpDeadlines<Item>(limit, ({ name }) => overdue.push(name));
  const add = (name: string): Item => {
    const item = { name };
    deadlines.add(item);
    return item;
  };
  return { deadlines, overdue, add };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('deadlines', () => {
  it('take each item away when its own time is over, the oldest first', async () => {
    const { deadlines, overdue, add } = setup();
    add('a');
    await vi.advanceTimersByTimeAsync(60);
    add('b');
    add('c');
    await vi.advanceTimersByTimeAsync(45);
    expect(overdue).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(60);
    expect(overdue).toEqual(['a', 'b', 'c']);
    expect(deadlines.size).toBe(0);
  });

  it('leave those alone that were taken away in time', async () => {
    const { deadlines, overdue, add } = setup();
    const item = add('a');
    add('b');
    expect(deadlines.delete(item)).toBe(true);
    expect(deadlines.delete(item)).toBe(false);
    await vi.advanceTimersByTimeAsync(10 * LIMIT);
    expect(overdue).toEqual(['b']);
  });

  it('hear first of what came in while the process was held up', async () => {
    const { deadlines, overdue, add } = setup();
    const item = add('a');
    // In a real event loop the socket is read between the timer and the immediate.
    vi.advanceTimersByTime(LIMIT);
    deadlines.delete(item);
    await vi.advanceTimersByTimeAsync(LIMIT);
    expect(overdue).toEqual([]);
  });

  it('begin again after all items were taken', async () => {
    const { deadlines, overdue, add } = setup();
    add('a');
    add('b');
    expect(deadlines.takeAll().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
    add('c');
    await vi.advanceTimersByTimeAsync(2 * LIMIT);
    expect(overdue).toEqual(['c']);
  });

  it('are none if the limit is 0', async () => {
    const { deadlines, overdue, add } = setup(0);
    add('a');
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(overdue).toEqual([]);
    expect([...deadlines].map(({ name }) => name)).toEqual(['a']);
  });
});
