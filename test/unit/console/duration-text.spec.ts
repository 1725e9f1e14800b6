import { expect, it } from 'vitest';
import { durationText } from '../../../lib/console/duration-text.js';

it.each([
  [0, '0 s'],
  [499, '0 s'],
  [500, '1 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [125_000, '2 min 5 s'],
  [3_600_000, '1 h'],
  [3_725_000, '1 h 2 min'],
  [100_800_000, '1 d 4 h'],
  [-5, '0 s'],
])('%i ms are %s for people', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
