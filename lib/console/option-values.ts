import { InvalidUsageError } from '../errors/invalid-usage.error.js';

const BYTES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** @throws InvalidUsageError unless `text` is a whole number from 1 up. */
export function positiveInteger(option: string, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(number) || number < 1) {
    throw refused(option, 'must be a positive integer', text);
  }
  return number;
}

/**
 * Seconds, fractions allowed, as milliseconds.
 *
 * @param min the least number of seconds; `'positive'`: anything above zero.
 * @throws InvalidUsageError for anything else.
 */
export function seconds(option: string, text: string, min: 'positive' | 'zero' = 'positive'): number {
  const isNumber = /^\d*\.?\d+$/.test(text.trim());
  const ms = isNumber ? Number(text) * 1000 : Number.NaN;
  const isInRange = min === 'positive' ? ms > 0 : ms >= 0;
  if (!isInRange || ms > Number.MAX_SAFE_INTEGER) {
    const kind = min === 'positive' ? 'a positive number of seconds' : 'a number of seconds, zero or more';
    throw refused(option, `must be ${kind}`, text);
  }
  return Math.max(min === 'positive' ? 1 : 0, Math.round(ms));
}

/** A port of TCP; 0 stands for any that is free. @throws InvalidUsageError */
export function port(option: string, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text.trim()) || number > 65_535) {
    throw refused(option, 'must be a port, a whole number from 0 to 65535', text);
  }
  return number;
}

/** A size such as `134217728`, `128M` or `1G` (K, M, G and T are powers of 1024) in bytes. @throws InvalidUsageError */
export function bytes(option: string, text: string): number {
  const [, number = '', suffix = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)B?$/i.exec(text.trim()) ?? [];
  const size = number === '' ? 0 : Math.round(Number(number) * (BYTES[suffix.toUpperCase()] ?? 1));
  if (size < 1 || !Number.isSafeInteger(size)) {
    throw refused(option, 'must be a size such as "128M", "1G" or a number of bytes', text);
  }
  return size;
}

const INTERVALS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** A rate such as `50/s`, `600/m` or `1000/h`, as the milliseconds from one to the next. @throws InvalidUsageError */
export function rate(option: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*\/\s*(s|m|min|h)$/i.exec(text.trim()) ?? [];
  const interval = (INTERVALS[unit.toLowerCase()] ?? Number.NaN) / Number(number || Number.NaN);
  if (!Number.isFinite(interval)) {
    throw refused(option, 'must be a rate such as "50/s", "600/m" or "1000/h"', text);
  }
  return interval;
}

/**
 * `--keepalive[=seconds]`: the milliseconds from one sign of life to the next; nothing without a value.
 *
 * @throws InvalidUsageError
 */
export function keepaliveInterval(value: boolean | string | undefined): number | undefined {
  return typeof value === 'string' ? valueAfterEquals('keepalive', value, seconds) : undefined;
}

/** An option whose value may be left out takes the next word for it, so `--keepalive async` has to be explained. */
export function valueAfterEquals<V>(
  option: string,
  text: string,
  read: (option: string, text: string) => V,
): V {
  try {
    return read(option, text);
  } catch (error) {
    const { message } = error as InvalidUsageError;
    throw new InvalidUsageError(`${message} Write a value directly after it, as in "--${option}=10".`);
  }
}

function refused(option: string, rule: string, text: string): InvalidUsageError {
  return new InvalidUsageError(`Option "--${option}" ${rule}, "${text}" passed.`);
}
