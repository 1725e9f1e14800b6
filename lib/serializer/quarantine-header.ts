import type { Stamp } from '../envelope/stamp.js';
import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import type { EncodedEnvelope } from '../message/encoded-envelope.js';
import { ErrorDetailsStamp } from '../stamp/error-details.stamp.js';
import { QUARANTINE_HEADER, SEAL_HEADER } from './header-names.js';
import type { StampCodec } from './stamp-codec.js';

type Headers = EncodedEnvelope['headers'];

/** Appended to the name of a header that could not be read, until the name is free: it is evidence, and stays. */
const UNREADABLE = '-Unreadable';

/**
 * The most characters of the header. Not `maxStampsSize`: a message whose stamps already fill that must find a place in
 * the failure transport all the same.
 */
export const MAX_QUARANTINE_SIZE = 8 * 1024 * 1024;

/** Keeps the stamps of a message that travels as it came in one header beside its own. */
export class QuarantineHeader {
  readonly #stamps: StampCodec;

  constructor(stamps: StampCodec) {
    this.#stamps = stamps;
  }

  /**
   * `headers` with `stamps` in one more. If there is too much to keep, the oldest errors are left out.
   *
   * @throws MessageEncodingFailedError for a stamp that cannot travel, and when there is too much without any error.
   */
  addTo(headers: Headers, stamps: readonly Stamp[]): Headers {
    const text = this.#write(stamps);
    if (text === undefined) {
      return headers;
    }
    const unreadable = headers[QUARANTINE_HEADER];
    return unreadable === undefined || !Object.hasOwn(headers, QUARANTINE_HEADER)
      ? { ...headers, [QUARANTINE_HEADER]: text }
      : { ...headers, [freeNameIn(headers)]: unreadable, [QUARANTINE_HEADER]: text };
  }

  /** Whether there is this header. */
  isIn(headers: Headers): boolean {
    return Object.hasOwn(headers, QUARANTINE_HEADER);
  }

  /**
   * The headers without this one, and the stamps in it.
   *
   * @throws MessageDecodingFailedError when it is broken, or too large.
   */
  takeFrom(headers: Headers): { readonly headers: Headers; readonly stamps: readonly Stamp[] } {
    if (!this.isIn(headers)) {
      return { headers, stamps: [] };
    }
    const { [QUARANTINE_HEADER]: text = '', [SEAL_HEADER]: _, ...others } = headers;
    if (text.length > MAX_QUARANTINE_SIZE) {
      throw new MessageDecodingFailedError(
        `Header "${QUARANTINE_HEADER}" cannot be decoded: it has ${text.length} characters, and ${MAX_QUARANTINE_SIZE} are allowed.`,
      );
    }
    return { headers: others, stamps: this.#stamps.readAll(text) };
  }

  #write(stamps: readonly Stamp[]): string | undefined {
    let kept = stamps;
    for (;;) {
      const text = this.#stamps.writeAll(kept, 'UndecodableMessage');
      if (text === undefined || text.length <= MAX_QUARANTINE_SIZE) {
        return text;
      }
      const fewer = withoutOlderErrors(kept);
      if (fewer.length === kept.length) {
        throw new MessageEncodingFailedError(
          'UndecodableMessage',
          `its stamps have ${text.length} characters, and header "${QUARANTINE_HEADER}" allows ${MAX_QUARANTINE_SIZE}.`,
        );
      }
      kept = fewer;
    }
  }
}

function freeNameIn(headers: Headers): string {
  let name = QUARANTINE_HEADER;
  while (Object.hasOwn(headers, name)) {
    name += UNREADABLE;
  }
  return name;
}

/** Half of the errors at a time: there may be thousands, and each attempt writes what is left. */
function withoutOlderErrors(stamps: readonly Stamp[]): readonly Stamp[] {
  const errors = stamps.filter((stamp) => stamp instanceof ErrorDetailsStamp);
  const older = new Set<Stamp>(errors.slice(0, Math.ceil(errors.length / 2)));
  return stamps.filter((stamp) => !older.has(stamp));
}
