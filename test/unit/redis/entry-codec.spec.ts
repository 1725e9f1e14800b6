import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import {
  decodeEntry,
  decodeMember,
  encodeEntry,
  memberIdOf,
  memberOf,
} from '../../../lib/transports/redis/redis.entry-codec.js';

function entryOf(encoded: EncodedEnvelope): Buffer[] {
  return ['message', encodeEntry(encoded)].map((text) => Buffer.from(text));
}

/** What of it matters: a text may come back as bytes and the other way round, but never other bytes. */
function contentOf({ body, headers }: EncodedEnvelope): unknown {
  return { body: Buffer.from(body).toString('hex'), headers: Object.entries(headers) };
}

const ENVELOPES: readonly EncodedEnvelope[] = [
  { body: '', headers: {} },
  { body: '{"a":1}', headers: { type: 'a' } },
  { body: 'é ☃ 😀 \0 \u2028 " \\ /', headers: { type: 'é', '': '', 'X-"': '\n' } },
  { body: '{"body":"x","headers":{}}', headers: { type: 'an envelope in an envelope' } },
  { body: 's:3:"abc";', headers: {} },
  { body: 'x,"uniqid":"abc"}', headers: { uniqid: 'x,"uniqid":"abc"}' } },
  { body: randomBytes(500), headers: { type: 'bytes' } },
  { body: Buffer.from('a text as bytes'), headers: {} },
  { body: 'aGVsbG8=', headers: { encoding: 'base64' } },
  { body: 'x', headers: JSON.parse('{"__proto__":"p","constructor":"c"}') as Record<string, string> },
];

describe('an entry of a stream', () => {
  it.each(ENVELOPES)('holds any envelope: %j', (encoded) => {
    expect(contentOf(decodeEntry(entryOf(encoded)))).toEqual(contentOf(encoded));
  });

  it.each(ENVELOPES)('is found again in the member of a sorted set: %j', (encoded) => {
    const member = Buffer.from(memberOf(encodeEntry(encoded)));
    expect(contentOf(decodeMember(member))).toEqual(contentOf(encoded));
  });

  it('is read alike from bytes of any kind, with other fields or without', () => {
    const encoded = { body: '{}', headers: { type: 'a' } };
    const fields = entryOf(encoded);
    const more = [...fields, Buffer.from('other'), Buffer.from('field')];
    for (const each of [fields, more, fields.map((field) => Uint8Array.from(field)), more.toReversed()]) {
      expect(() => decodeEntry(each)).not.toThrow();
    }
    expect(decodeEntry(more)).toEqual(encoded);
    expect(decodeEntry(fields.map((field) => Uint8Array.from(field)))).toEqual(encoded);
  });

  it('is read whatever its fields are', () => {
    const oddFields = [[], [Buffer.from('message')], [Buffer.alloc(0), Buffer.alloc(0)]];
    expect(oddFields.map(decodeEntry)).toEqual([
      { body: '{}', headers: {} },
      { body: '{}', headers: {} },
      { body: '{"":""}', headers: {} },
    ]);
  });
});

describe('a message in a sorted set', () => {
  it('is unlike any other, also with the same content', () => {
    const entry = encodeEntry({ body: 'a', headers: {} });
    expect(new Set(Array.from({ length: 1000 }, () => memberOf(entry))).size).toBe(1000);
  });

  it('has one id, however its time is written', () => {
    const ids = ['1795359135052.3', '1795359135052.300', '1795359135052.3000488'].map((score) =>
      memberIdOf(score, 'a'),
    );
    expect(ids).toEqual(Array.from({ length: 3 }, () => '1795359135052.300:hvfkN_qlp_zh'));
    expect(memberIdOf('1795359135052.3', 'b')).not.toBe(ids[0]);
  });
});
