import type { EncodedEnvelope } from '../../message/encoded-envelope.js';

/** The value of a header of a message that may hold anything; `null` unless it is there, and a text. */
export function headerText(headers: EncodedEnvelope['headers'], name: string): string | null {
  const value: unknown = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === 'string' ? value : null;
}
