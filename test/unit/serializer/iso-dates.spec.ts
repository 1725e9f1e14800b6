import { describe, expect, it } from 'vitest';
import { IsoDates } from '../../../lib/serializer/iso-dates.js';

const LATEST = 8.64e15;

/** Times all over what a date can hold, most of them in our days; several of each day. */
function times(): readonly number[] {
  const anchors = [
    0,
    -1,
    1,
    LATEST,
    -LATEST,
    951_782_400_000,
    -62_167_219_200_000,
    -62_167_219_200_001,
    253_402_300_799_999,
  ];
  const spread = Array.from({ length: 2000 }, (_, index) =>
    Math.trunc((index - 1000) * 8.64e12 + index * 86_399_999),
  );
  const today = Array.from({ length: 2000 }, (_, index) => 1_764_410_000_000 + index * 43_217);
  return [...anchors, ...spread, ...today].filter((time) => Math.abs(time) <= LATEST);
}

describe('IsoDates', () => {
  it('writes every date as toISOString() does, whatever was written before', () => {
    const dates = new IsoDates();
    for (const time of times()) {
      expect(dates.write(new Date(time))).toBe(new Date(time).toISOString());
    }
  });

  it('writes no invalid date', () => {
    const dates = new IsoDates();
    expect(dates.write(new Date(Number.NaN))).toBeNull();
    expect(dates.write(new Date(5))).toBe('1970-01-01T00:00:00.005Z');
  });
});
