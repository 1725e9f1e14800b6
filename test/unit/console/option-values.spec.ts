import { describe, expect, it } from 'vitest';
import { bytes, positiveInteger, rate, seconds } from '../../../lib/console/option-values.js';
import { InvalidUsageError } from '../../../lib/errors/invalid-usage.error.js';

describe('a whole number on the command line', () => {
  it('counts from 1', () => {
    expect(positiveInteger('limit', '1')).toBe(1);
    expect(positiveInteger('limit', '250')).toBe(250);
  });

  it.each(['0', '-1', '1.5', 'abc', '', ' ', '1e3', '0x10', '9007199254740993'])('is not "%s"', (text) => {
    expect(() => positiveInteger('limit', text)).toThrow(
      new InvalidUsageError(`Option "--limit" must be a positive integer, "${text}" passed.`),
    );
  });
});

describe('a time on the command line', () => {
  it('is in seconds, and becomes milliseconds', () => {
    expect(seconds('time-limit', '3600')).toBe(3_600_000);
    expect(seconds('sleep', '0.25')).toBe(250);
    expect(seconds('sleep', '.5')).toBe(500);
  });

  it('is at least a millisecond where zero makes no sense', () => {
    expect(seconds('time-limit', '0.0001')).toBe(1);
    expect(() => seconds('time-limit', '0')).toThrow(
      'Option "--time-limit" must be a positive number of seconds, "0" passed.',
    );
    expect(seconds('grace', '0', 'zero')).toBe(0);
  });

  it.each(['abc', '-1', '1s', '1e9', 'Infinity', ''])('is not "%s"', (text) => {
    expect(() => seconds('grace', text, 'zero')).toThrow(InvalidUsageError);
  });
});

describe('a size on the command line', () => {
  it.each([
    ['128M', 128 * 2 ** 20],
    ['64k', 64 * 2 ** 10],
    ['1.5G', 1.5 * 2 ** 30],
    ['1T', 2 ** 40],
    ['2 MB', 2 * 2 ** 20],
    ['134217728', 134_217_728],
  ])('reads "%s" as %d bytes', (text, expected) => {
    expect(bytes('memory-limit', text)).toBe(expected);
  });

  it.each(['0', '0M', 'M', '-5M', '10X', 'lots', ''])('is not "%s"', (text) => {
    expect(() => bytes('memory-limit', text)).toThrow(
      `Option "--memory-limit" must be a size such as "128M", "1G" or a number of bytes, "${text}" passed.`,
    );
  });
});

describe('a rate on the command line', () => {
  it.each([
    ['50/s', 20],
    ['0.5/s', 2000],
    ['600/m', 100],
    ['30 / min', 2000],
    ['1000/h', 3600],
  ])('"%s" is one every %i ms', (text, interval) => {
    expect(rate('rate', text)).toBe(interval);
  });

  it.each(['50', '50/', '/s', '0/s', '-1/s', '50/day', '1e3/s'])('is not "%s"', (text) => {
    expect(() => rate('rate', text)).toThrow(
      new InvalidUsageError(
        `Option "--rate" must be a rate such as "50/s", "600/m" or "1000/h", "${text}" passed.`,
      ),
    );
  });
});
