import { expect, it } from 'vitest';
import { durationText } from '../../../lib/console/duration-text.js';

it.each([
  [0, '0 s'],
  [420, '0.4 s'],
  [949, '0.9 s'],
  [1400, '1 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [125_000, '2 min 5 s'],
  [3_600_000, '1 h'],
  [3_660_000, '1 h 1 min'],
  [90_000_000, '1 d 1 h'],
  [400 * 86_400_000, '400 d'],
])('says %i ms as "%s"', (duration, text) => {
  expect(durationText(duration)).toBe(text);
});
