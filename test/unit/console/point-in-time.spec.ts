import { describe, expect, it } from 'vitest';
import { pointInTime } from '../../../lib/console/point-in-time.js';
import { InvalidUsageError } from '../../../lib/errors/invalid-usage.error.js';

/** Local time, whatever the zone of the machine is. */
const NOW = new Date(2026, 4, 10, 12, 30).getTime();

describe('pointInTime', () => {
  it.each<[text: string, expected: Date]>([
    ['2026-05-01', new Date(2026, 4, 1)],
    ['2026-05-01 08:00', new Date(2026, 4, 1, 8)],
    ['2026-05-01T08:00:05.250', new Date(2026, 4, 1, 8, 0, 5, 250)],
    ['2026-05-01T08:00:00Z', new Date(Date.UTC(2026, 4, 1, 8))],
    ['2026-05-01 08:00 +02:00', new Date(Date.UTC(2026, 4, 1, 6))],
    ['now', new Date(NOW)],
    ['today', new Date(2026, 4, 10)],
    ['Yesterday 18:00', new Date(2026, 4, 9, 18)],
    ['-1 hour', new Date(NOW - 3_600_000)],
    ['-90min', new Date(NOW - 5_400_000)],
    ['2 days ago', new Date(NOW - 2 * 86_400_000)],
  ])('reads "%s"', (text, expected) => {
    expect(pointInTime('failed-after', text, NOW)).toEqual(expected);
  });

  it.each([
    '',
    'soon',
    '2026',
    '5',
    '1 hour',
    '-1 hour ago',
    '-1 fortnight',
    '2026-02-31',
    '2026-13-01',
    'today 25:00',
  ])('refuses "%s"', (text) => {
    expect(() => pointInTime('failed-after', text, NOW)).toThrow(InvalidUsageError);
    expect(() => pointInTime('failed-after', text, NOW)).toThrow(
      `Option "--failed-after" must be a moment such as "2026-05-01 08:00", "-1 hour", "2 days ago" or "yesterday 18:00", "${text}" passed.`,
    );
  });
});
