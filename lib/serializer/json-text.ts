import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';

const QUOTE = 34;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Every integer of up to 15 digits is exact. */
const EXACT_DIGITS = 15;
/** What a number may consist of, put loosely: whether it is one is up to `JSON.parse`. */
const NUMBER_CHARS = '0123456789+-.eE';
const FRACTION_OR_EXPONENT = /[.eE]/;

/**
 * Parses JSON that a stranger may have written: nothing is nested deeper than `maxDepth`, and no integer is rounded
 * because a number of JavaScript cannot hold it. Of a repeated key the last value counts, as everywhere.
 *
 * @param where whose text it is, e.g. `Message "order.placed"`; begins the error's text.
 * @throws MessageDecodingFailedError
 */
export function parseJson(text: string, maxDepth: number, where: string): unknown {
  // The two tests cost next to nothing. Only a text that fails one of them is looked at character by character.
  if (mayBeDeeper(text, maxDepth) || hasLongNumber(text)) {
    scan(text, maxDepth, where);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MessageDecodingFailedError(
      `${where} cannot be decoded: ${isPhpSerialized(text) ? NOT_FOR_US : 'it is not valid JSON.'}`,
      { cause: error },
    );
  }
}

/** Whether there are enough brackets for it, in strings or not. */
function mayBeDeeper(text: string, maxDepth: number): boolean {
  if (text.length <= 2 * maxDepth) {
    return false;
  }
  let left = maxDepth;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (--left < 0) {
        return true;
      }
    }
  }
  return false;
}

/** Whether there are more digits in a row than are always exact. Of so many, every sixteenth character must be one. */
function hasLongNumber(text: string): boolean {
  for (let at = EXACT_DIGITS; at < text.length; at += EXACT_DIGITS + 1) {
    if (isDigitAt(text, at)) {
      let [start, end] = [at, at + 1];
      while (isDigitAt(text, start - 1)) {
        start--;
      }
      while (isDigitAt(text, end)) {
        end++;
      }
      if (end - start > EXACT_DIGITS) {
        return true;
      }
    }
  }
  return false;
}

/** Not at a position outside of the text. */
function isDigitAt(text: string, at: number): boolean {
  const char = text.charCodeAt(at);
  return char >= ZERO && char <= NINE;
}

/** Goes through the text without building anything, so that its depth cannot cost stack or memory. */
function scan(text: string, maxDepth: number, where: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at);
    } else if (char === OPEN_OBJECT || char === OPEN_LIST) {
      if (++depth > maxDepth) {
        throw new MessageDecodingFailedError(
          `${where} cannot be decoded: it is nested more than ${maxDepth} levels deep. Raise "maxDepth" of the ` +
            `serializer if that is meant.`,
        );
      }
    } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) {
      depth--;
    } else if (char === MINUS || isDigitAt(text, at)) {
      at = endOfNumber(text, at, where);
    }
  }
}

/** The position of the quote that ends the string, or of the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) {
      escapes++;
    }
    if (escapes % 2 === 0) {
      return end;
    }
  }
  return text.length;
}

/** The position of the last character of the number. */
function endOfNumber(text: string, start: number, where: string): number {
  let end = start + 1;
  while (end < text.length && NUMBER_CHARS.includes(text.charAt(end))) {
    end++;
  }
  const number = text.slice(start, end);
  // Compared as texts: a large number that JavaScript wrote itself reads back as it was, if not digit by digit.
  if (
    number.length > EXACT_DIGITS &&
    !FRACTION_OR_EXPONENT.test(number) &&
    String(Number(number)) !== number
  ) {
    throw new MessageDecodingFailedError(
      `${where} cannot be decoded: it holds the integer ${number.slice(0, 40)}, which a number cannot hold exactly. ` +
        `Send it as a text, or as {"$bigint":"…"} to receive a bigint.`,
    );
  }
  return end - 1;
}

/** Completes the text of an error about a body of Symfony's default serializer, the likeliest stranger. */
export const NOT_FOR_US =
  'it was written by serialize() of PHP, which only PHP can read. Set the serializer of that transport to ' +
  '"messenger.transport.symfony_serializer" on the PHP side.';

/** Whether a text begins as PHP's `serialize()` does: `O:36:"Symfony…`, with or without slashes, or `s:12:"`. */
export function isPhpSerialized(text: string): boolean {
  return /^(?:[OC]:\d+:\\?"|s:\d+:\\?"|a:\d+:\{)/.test(text);
}
