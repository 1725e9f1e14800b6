import { Envelope } from '../../envelope/envelope.js';
import type { Stamp } from '../../envelope/stamp.js';
import { MessageDecodingFailedError } from '../../errors/message-decoding-failed.error.js';
import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import { UndecodableMessage } from '../../message/undecodable-message.js';
import type { Serializer } from '../../serializer/serializer.js';
import { DelayStamp } from '../../stamp/delay.stamp.js';
import { MessageDecodingFailedStamp } from '../../stamp/message-decoding-failed.stamp.js';
import type { EncodedRow, MessageRow } from './sql.rows.js';

/** Holds the text of a column `headers` that cannot be read, so that it is neither lost nor taken for headers. */
const BROKEN_HEADERS = 'X-Broken-Headers';

/** @throws MessageEncodingFailedError when the serializer cannot represent the message. */
export function encodeRow(serializer: Serializer, envelope: Envelope): EncodedRow {
  const { body, headers } = serializer.encode(envelope);
  return {
    body,
    headers: JSON.stringify(headers),
    delay: envelope.last(DelayStamp)?.delay ?? 0,
  };
}

/** The envelope in a row, with `stamps` added. Never throws: what cannot be read comes as an `UndecodableMessage`. */
export function decodeRow(serializer: Serializer, row: MessageRow, stamps: readonly Stamp[]): Envelope {
  const body = typeof row.body === 'string' ? row.body : (bytesOf(row.body) ?? String(row.body));
  const headers = parseHeaders(row.headers) ?? { [BROKEN_HEADERS]: row.headers };
  const encoded = { body, headers };
  let envelope: Envelope;
  try {
    envelope = serializer.decode(encoded);
  } catch (error) {
    const cause = error instanceof Error ? error : new MessageDecodingFailedError(String(error));
    return undecodable(encoded, cause, stamps);
  }
  return (Object.hasOwn(headers, BROKEN_HEADERS) ? withBrokenHeaders(envelope, encoded) : envelope).with(
    ...stamps,
  );
}

/** As it was decoded, stamps included, but with the true reason why it cannot be read. */
function withBrokenHeaders(envelope: Envelope, encoded: EncodedEnvelope): Envelope {
  const message =
    envelope.message instanceof UndecodableMessage ? envelope.message : new UndecodableMessage(encoded);
  const reason = `The headers are not a JSON object of texts; they are kept as they came, in "${BROKEN_HEADERS}".`;
  const stamp = new MessageDecodingFailedStamp(new MessageDecodingFailedError(reason));
  return new Envelope(message, envelope.all()).without(MessageDecodingFailedStamp).with(stamp);
}

function undecodable(encoded: EncodedEnvelope, error: Error, stamps: readonly Stamp[]): Envelope {
  return new Envelope(new UndecodableMessage(encoded), [new MessageDecodingFailedStamp(error), ...stamps]);
}

function parseHeaders(text: string): Readonly<Record<string, string>> | undefined {
  try {
    const headers: unknown = JSON.parse(text);
    return isRecordOfTexts(headers) ? headers : undefined;
  } catch {
    return undefined;
  }
}

function isRecordOfTexts(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((header) => typeof header === 'string')
  );
}

/** The bytes of a blob column, whatever the driver hands out for one: Uint8Array, Buffer or ArrayBuffer. */
export function bytesOf(blob: unknown): Uint8Array | undefined {
  if (blob instanceof Uint8Array) {
    return blob.constructor === Uint8Array
      ? blob
      : new Uint8Array(blob.buffer, blob.byteOffset, blob.byteLength);
  }
  return blob instanceof ArrayBuffer ? new Uint8Array(blob) : undefined;
}
