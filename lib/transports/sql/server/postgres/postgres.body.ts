/** What a body is in a column that holds text without NUL only. The numbers are in databases. */
const KIND = { text: 0, bytes: 1, textWithNul: 2 } as const;

/** The columns of a body. */
export interface StoredBody {
  readonly body: string;
  readonly kind: number;
}

export function storeBody(body: string | Uint8Array): StoredBody {
  if (typeof body !== 'string') {
    return { body: bufferOf(body).toString('base64'), kind: KIND.bytes };
  }
  return body.includes('\0')
    ? { body: Buffer.from(body).toString('base64'), kind: KIND.textWithNul }
    : { body, kind: KIND.text };
}

export function readBody(body: unknown, kind: unknown): string | Uint8Array {
  const text = String(body);
  switch (Number(kind)) {
    case KIND.bytes:
      return Buffer.from(text, 'base64');
    case KIND.textWithNul:
      return Buffer.from(text, 'base64').toString();
    default:
      return text;
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
