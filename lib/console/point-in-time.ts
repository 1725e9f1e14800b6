import ms from 'ms';
import { InvalidUsageError } from '../errors/invalid-usage.error.js';

const RELATIVE = /^(-)?\s*(\d+(?:\.\d+)?\s*[a-z]+)(\s+ago)?$/i;
const DAY = /^(today|yesterday)(?:\s+((?:[01]?\d|2[0-3])(?::[0-5]\d){1,2}))?$/i;
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * A moment as people write it: `2026-05-01`, `2026-05-01 08:00`, `2026-05-01T08:00:00Z`, `-1 hour`, `90 minutes ago`, `now`, `today`,
 * `yesterday 18:00`. Without an offset it is the local time of this process; a day without a time begins at midnight.
 *
 * @param now the current epoch in milliseconds.
 * @throws InvalidUsageError for anything else, moments to come included if they are relative.
 */
export function pointInTime(option: string, text: string, now: number): Date {
  const time = timeOf(text.trim(), now);
  if (time === undefined || Number.isNaN(time)) {
    throw new InvalidUsageError(
      `Option "--${option}" must be a moment such as "2026-05-01 08:00", "-1 hour", "2 days ago" or "yesterday 18:00", "${text}" passed.`,
    );
  }
  return new Date(time);
}

function timeOf(text: string, now: number): number | undefined {
  if (/^now$/i.test(text)) {
    return now;
  }
  const [, day, clockTime] = DAY.exec(text) ?? [];
  if (day !== undefined) {
    return localTime(now, day.toLowerCase() === 'yesterday' ? -1 : 0, clockTime ?? '0:00');
  }
  const [, date, time = '00:00', offset = ''] = DATE.exec(text) ?? [];
  if (date !== undefined) {
    return isDate(date) ? Date.parse(`${date}T${time}${offset.toUpperCase()}`) : undefined;
  }
  return pastTime(text, now);
}

/** `-1 hour`, `1 hour ago` */
function pastTime(text: string, now: number): number | undefined {
  const [, minus, duration, ago] = RELATIVE.exec(text) ?? [];
  // One of the two, or it would not be clear that the past is meant.
  return duration === undefined || (minus === undefined) === (ago === undefined)
    ? undefined
    : now - ms(duration as ms.StringValue);
}

function localTime(now: number, days: number, clockTime: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clockTime.split(':').map(Number);
  const date = new Date(now);
  return new Date(
    date.getFullYear(),
    date.getMonth(),
    date.getDate() + days,
    hours,
    minutes,
    seconds,
  ).getTime();
}

/** No 31st of February, which `Date` takes for a day in March. */
function isDate(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(text);
}
