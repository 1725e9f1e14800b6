/** What a body is in a column that holds text only. The numbers are in databases. */
const KIND = { text: 0, bytes: 1 } as const;

/** The columns of a body. */
export interface StoredBody {
  readonly body: string;
  readonly kind: number;
}

export function storeBody(body: string | Uint8Array): StoredBody {
  return typeof body === 'string'
    ? { body, kind: KIND.text }
    : {
        body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'),
        kind: KIND.bytes,
      };
}

export function readBody(body: unknown, kind: unknown): string | Uint8Array {
  const text = String(body);
  return Number(kind) === KIND.bytes ? Buffer.from(text, 'base64') : text;
}
