import { isUtf8 } from 'node:buffer';
import { isUint8Array } from 'node:util/types';
import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';

/** UTF-8 needs at most three bytes for one unit of a string. */
const MAX_BYTES_PER_UNIT = 3;

/** Whether a text is larger than `maxSize` bytes. Counts them only where the length leaves a doubt. */
export function exceeds(text: string, maxSize: number): boolean {
  return (
    text.length > maxSize || (text.length * MAX_BYTES_PER_UNIT > maxSize && Buffer.byteLength(text) > maxSize)
  );
}

/** Enough of a body to tell who wrote it, whatever it is. */
export function beginningOf(body: unknown): string {
  return typeof body === 'string' || isUint8Array(body)
    ? Buffer.from(body.slice(0, 40)).toString('latin1')
    : '';
}

/**
 * The text of a received body.
 *
 * @param where whose body it is, e.g. `Message "order.placed"`; begins the error's text.
 * @throws MessageDecodingFailedError when it is larger than `maxSize` bytes, or is no text at all.
 */
export function textOf(body: string | Uint8Array, maxSize: number, where: string): string {
  const isText = typeof body === 'string';
  if (!isText && !isUint8Array(body)) {
    throw new MessageDecodingFailedError(`${where} cannot be decoded: its body is neither a text nor bytes.`);
  }
  if (isText ? exceeds(body, maxSize) : body.byteLength > maxSize) {
    throw new MessageDecodingFailedError(
      `${where} cannot be decoded: its body is larger than ${maxSize} bytes, which is "maxBodySize" of the serializer.`,
    );
  }
  if (isText) {
    return body;
  }
  if (!isUtf8(body)) {
    throw new MessageDecodingFailedError(`${where} cannot be decoded: its body is not valid UTF-8.`);
  }
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}
