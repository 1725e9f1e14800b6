import { describe, expect, it } from 'vitest';
import { growthOf } from '../soak/flatness.js';

const series = (valueAt: (index: number) => number) =>
  Array.from({ length: 30 }, (_, index) => ({ at: index * 1000, value: valueAt(index) }));

describe('the growth of a series of samples', () => {
  it('is the slope of its line, times its length without the first third', () => {
    expect(growthOf(series((index) => 5 + 2 * index))).toBeCloseTo(2 * 19);
  });

  it('is next to nothing for what goes up and down', () => {
    expect(Math.abs(growthOf(series((index) => (index % 2) * 10)))).toBeLessThan(2);
  });

  it('does not count what is only in the beginning', () => {
    expect(growthOf(series((index) => (index < 8 ? index * 100 : 800)))).toBe(0);
  });

  it('is nothing where nothing was measured', () => {
    expect(growthOf([])).toBe(0);
    expect(growthOf([{ at: 1, value: 7 }])).toBe(0);
  });
});
