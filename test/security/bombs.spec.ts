import { describe, expect, it } from 'vitest';
import type { EncodedEnvelope } from '../../lib/message/encoded-envelope.js';
import { UndecodableMessage } from '../../lib/message/undecodable-message.js';
import { MessageDecodingFailedStamp } from '../../lib/stamp/message-decoding-failed.stamp.js';
import { SentToFailureTransportStamp } from '../../lib/stamp/sent-to-failure-transport.stamp.js';
import { OrderPlaced, signed, withHeaders } from './support/signed.js';

const MIB = 1024 * 1024;

/** Far more than any of these takes on a busy machine, and far less than a bomb would. In milliseconds. */
const TIME_LIMIT = 5_000;

/** What decoding may need beside what was received, in bytes. */
const MEMORY_LIMIT = 64 * MIB;

const ORDER = '{"orderId":1}';

const BOMBS: ReadonlyArray<readonly [name: string, make: () => EncodedEnvelope, text: string]> = [
  [
    'a body of 100 MB',
    () => ({ body: `{"orderId":"${'x'.repeat(100 * MIB)}"}`, headers: { type: 'OrderPlaced' } }),
    'its body is larger than 16777216 bytes, which is "maxBodySize" of the serializer.',
  ],
  [
    'a body of 100 MB in bytes',
    () => ({ body: Buffer.alloc(100 * MIB, '['), headers: { type: 'OrderPlaced' } }),
    'its body is larger than 16777216 bytes',
  ],
  [
    'ten million lists in each other',
    () => ({ body: '['.repeat(10_000_000), headers: { type: 'OrderPlaced' } }),
    'it is nested more than 100 levels deep.',
  ],
  [
    '10,000 objects in each other',
    () => ({
      body: `{"orderId":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
      headers: { type: 'OrderPlaced' },
    }),
    'it is nested more than 100 levels deep.',
  ],
  [
    '10,000 lists in each other in a stamp',
    () => ({
      body: ORDER,
      headers: {
        type: 'OrderPlaced',
        'X-Stamp-SerializerStamp': `[{"options":${'['.repeat(10_000)}${']'.repeat(10_000)}}]`,
      },
    }),
    'it is nested more than 100 levels deep.',
  ],
  [
    '10,000 lists in each other in a stamp that nobody knows',
    () => ({
      body: ORDER,
      headers: { type: 'OrderPlaced', 'X-Stamp-x': `${'['.repeat(10_000)}${']'.repeat(10_000)}` },
    }),
    'it is nested more than 100 levels deep.',
  ],
  [
    'a million stamps of one kind',
    () => ({
      body: ORDER,
      headers: {
        type: 'OrderPlaced',
        'X-Stamp-BusNameStamp': `[${'{"busName":"a"},'.repeat(1_000_000).slice(0, -1)}]`,
      },
    }),
    '"maxStampsSize" of the serializer allows 1048576.',
  ],
  [
    'a hundred thousand kinds of stamps',
    () => ({
      body: ORDER,
      headers: Object.fromEntries([
        ['type', 'OrderPlaced'],
        ...Array.from({ length: 100_000 }, (_, at) => [`X-Stamp-s${at}`, '[{"a":1234567}]'] as const),
      ]),
    }),
    '"maxStampsSize" of the serializer allows 1048576.',
  ],
  [
    'the stamps of a quarantine of 100 MB',
    () => ({ body: ORDER, headers: { type: 'OrderPlaced', 'X-Quarantine': 'x'.repeat(100 * MIB) } }),
    'Header "X-Quarantine" cannot be decoded: it has 104857600 characters, and 8388608 are allowed.',
  ],
  [
    'a type of 10 MB',
    () => ({ body: ORDER, headers: { type: 'x'.repeat(10 * MIB) } }),
    'is not known here. Known types: "OrderPlaced", "OrderRefunded".',
  ],
  [
    'a number of a million digits',
    () => ({ body: `{"orderId":${'9'.repeat(1_000_000)}}`, headers: { type: 'OrderPlaced' } }),
    'which a number cannot hold exactly.',
  ],
  [
    'a bigint of a million digits',
    () => ({ body: `{"orderId":{"$bigint":"${'9'.repeat(1_000_000)}"}}`, headers: { type: 'OrderPlaced' } }),
    '"$bigint" must hold up to 10000 digits in a text.',
  ],
  [
    'what would be gigabytes, if anybody unpacked it',
    () => ({
      body: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xed, 0xc1]),
      headers: { type: 'OrderPlaced', 'Content-Encoding': 'gzip' },
    }),
    'its body is not valid UTF-8.',
  ],
];

/** How long `run` takes, in milliseconds, and how much memory is left in use after it, in bytes. */
function measured<T>(run: () => T): { readonly result: T; readonly ms: number; readonly bytes: number } {
  const [startedAt, before] = [performance.now(), memoryInUse()];
  const result = run();
  return { result, ms: performance.now() - startedAt, bytes: memoryInUse() - before };
}

function memoryInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe.each([
  ['a transport', 'plain'],
  ['a transport that signs', 'async'],
])('a message made to break a worker, on %s', (_name, transport) => {
  const app = signed({ transports: { plain: {}, failed: {} } });

  it.each(BOMBS)('with %s is refused at once, in little memory, and can be kept', (_bomb, make, text) => {
    const bomb = make();

    const { result, ms, bytes } = measured(() => app.decode(bomb, transport));

    expect(ms).toBeLessThan(TIME_LIMIT);
    expect(bytes).toBeLessThan(MEMORY_LIMIT);
    expect(result.message).toEqual(expect.any(UndecodableMessage));
    expect((result.message as UndecodableMessage).encoded).toBe(bomb);
    const reason = result.last(MessageDecodingFailedStamp)?.error.message;
    expect(reason).toContain(transport === 'plain' ? text : 'is refused: it');
    expect(reason?.length).toBeLessThan(1000);
    const kept = app.of('failed').encode(result.with(new SentToFailureTransportStamp(transport)));
    expect(kept.body).toBe(bomb.body);
  });
});

describe('a signature made to break a worker', () => {
  it.each([
    ['a signature of 10 MB', `v1.${'A'.repeat(43)}.{"headers":[${'"a",'.repeat(2_500_000)}"a"]}`],
    ['claims in each other', `v1.${'A'.repeat(43)}.${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`],
    ['brackets without end', `v1.${'A'.repeat(43)}.{${'['.repeat(1_000_000)}}`],
    [
      'a million names of one header',
      `v1.${'A'.repeat(43)}.${JSON.stringify({
        key: 'k',
        for: 'async',
        at: 0,
        delay: 0,
        headers: Array.from({ length: 1_000_000 }, () => 'type'),
      })}`,
    ],
  ])('is refused at once: %s', (_name, signature) => {
    const app = signed();
    const forged = withHeaders(app.encode(new OrderPlaced(1)), { 'X-Signature': signature });

    const { result, ms } = measured(() => app.decode(forged));

    expect(ms).toBeLessThan(TIME_LIMIT);
    expect(result.last(MessageDecodingFailedStamp)?.error.message).toContain('is refused: it');
  });

  it('over 100 MB costs one look at them', () => {
    const app = signed();
    const genuine = app.encode(new OrderPlaced(1));
    const forged = { ...genuine, body: Buffer.alloc(100 * MIB, 'x') };

    const { result, ms, bytes } = measured(() => app.decode(forged));

    expect(ms).toBeLessThan(TIME_LIMIT);
    expect(bytes).toBeLessThan(MEMORY_LIMIT);
    expect(result.last(MessageDecodingFailedStamp)?.error.message).toContain('is refused: it was changed');
  });
});
