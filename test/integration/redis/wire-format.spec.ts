import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { keysOf } from '../../../lib/transports/redis/redis.keys.js';
import { collect, createCore } from '../../fixtures/core.js';
import { application, idOf, note, only, serializerFor } from './setup.js';
import { sharedRedis } from './support/shared-redis.js';

@AsMessage({ name: 'App\\Message\\OrderPlaced' })
class OrderPlaced {
  constructor(
    readonly orderId: number,
    readonly customer: string,
    readonly placedAt: string,
    readonly tags: readonly string[],
  ) {}
}

const ADA = new OrderPlaced(1, 'Ada Lovelace', '2024-05-06T07:08:09+00:00', ['new', 'vip']);

/** As Symfony Messenger writes an order, byte for byte: with its default settings, … */
const WRAPPED =
  String.raw`s:208:"{"body":"{\"orderId\":1,\"customer\":\"Ada Lovelace\",\"placedAt\":\"2024-05-06T07:08:09+00:00\",\"tags\":[\"new\",\"vip\"]}",` +
  String.raw`"headers":{"type":"App\\Message\\OrderPlaced","Content-Type":"application\/json"}}";`;
/** … with stamps, … */
const STAMPED =
  String.raw`s:873:"{"body":"{\"orderId\":1,\"customer\":\"Ada Lovelace\",\"placedAt\":\"2024-05-06T07:08:09+00:00\",\"tags\":[\"new\",\"vip\"]}",` +
  String.raw`"headers":{"type":"App\\Message\\OrderPlaced","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\BusNameStamp":` +
  String.raw`"[{\"busName\":\"messenger.bus.default\"}]","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\ValidationStamp":` +
  String.raw`"[{\"groups\":[\"Default\",\"strict\"]}]","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\SerializerStamp":` +
  String.raw`"[{\"context\":{\"enable_max_depth\":true}}]","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\RedeliveryStamp":` +
  String.raw`"[{\"retryCount\":1,\"exceptionMessage\":null,\"flattenException\":null,\"redeliveredAt\":\"2024-05-06T07:08:10+00:00\"}]",` +
  String.raw`"X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\SentToFailureTransportStamp":"[{\"originalReceiverName\":\"async\"}]",` +
  String.raw`"Content-Type":"application\/json"}}";`;
/** … and with the option `serializer=0`. */
const PLAIN = WRAPPED.slice('s:208:"'.length, -2);

/** A message that is no ASCII, wrapped: the number counts bytes. */
const SNOWMAN =
  '{"body":"{\\"orderId\\":1,\\"customer\\":\\"é ☃ 😀\\",\\"placedAt\\":\\"\\",\\"tags\\":[]}","headers":{"type":"App\\\\Message\\\\OrderPlaced"}}';

const setup = (serializer: Serializer = serializerFor(OrderPlaced)) => {
  const { stream, open } = application({ serializer });
  const redis = sharedRedis();
  return {
    redis,
    keys: keysOf(stream, false),
    transport: open(),
    other: application({ stream, serializer }).open(),
    failed: open({ stream: `${stream}_failed` }, 'failed'),
    add: async (...fields: ReadonlyArray<string | Buffer>): Promise<void> => {
      await redis.xadd(stream, '*', ...fields);
    },
  };
};

describe('an entry of Symfony Messenger', () => {
  it.each([
    ['wrapped, as by default', WRAPPED],
    ['wrapped, with its stamps', STAMPED],
    ['with the option serializer=0', PLAIN],
    ['with the option serializer=4', JSON.stringify(PLAIN)],
  ])('is a message: %s', async (_, value) => {
    const { transport, add } = setup();
    await add('message', value);
    const received = only(await transport.get());
    expect(received.message).toEqual(ADA);
    expect(await transport.ack([received])).toEqual({ lost: [] });
  });

  it('is wrapped by its length in bytes, not in characters', async () => {
    const { transport, add } = setup();
    await add('message', `s:${Buffer.byteLength(SNOWMAN)}:"${SNOWMAN}";`, 'more', 'fields');
    expect(only(await transport.get()).message).toMatchObject({ customer: 'é ☃ 😀' });
  });

  it('of its PhpSerializer is kept for whoever can read it', async () => {
    const { transport, add } = setup();
    const body = String.raw`O:36:\"Symfony\\Component\\Messenger\\Envelope\":2:{s:44:\"\0Symfony\\Component\\Messenger\\Envelope\0stamps\";a:0:{}}`;
    const text = JSON.stringify({ body, headers: [] });
    await add('message', `s:${text.length}:"${text}";`);
    const { message } = only(await transport.get());
    expect(message).toEqual(new UndecodableMessage({ body, headers: {} }));
  });
});

const BYTES = Buffer.from([0, 0, 0, 2, 0x11, 0xff, 0xfe, 0x80, 0x22]);

/** What nobody can decode, and what becomes of it. */
const UNDECODABLE: ReadonlyArray<
  readonly [string, ReadonlyArray<string | Buffer>, UndecodableMessage['encoded']]
> = [
  ...[
    ['a wrapped value with a wrong length', WRAPPED.replace('208', '209')],
    ['a wrapped value that was cut off', WRAPPED.slice(0, -9)],
    ['a text', 'not JSON'],
    ['a text with NUL', 'a\0b'],
    ['nothing', ''],
    ['a JSON number', '42'],
    ['JSON null', 'null'],
    ['a JSON text', '"text"'],
    ['a JSON list', '[{"body":"","headers":{}}]'],
    ['a body that is no text', '{"body":{"orderId":1},"headers":{"type":"App\\\\Message\\\\OrderPlaced"}}'],
    ['headers that are no texts', '{"body":"{}","headers":{"type":["App\\\\Message\\\\OrderPlaced"]}}'],
    ['headers that are no object', '{"body":"{}","headers":"type"}'],
    ['no headers', '{"body":"{}"}'],
    ['JSON in JSON in JSON', JSON.stringify(JSON.stringify(PLAIN))],
    ['a million brackets', '['.repeat(1_000_000)],
    ['a million pairs of brackets', '['.repeat(500_000) + ']'.repeat(500_000)],
  ].map(([what = '', value = '']) => [what, ['message', value], { body: value, headers: {} }] as const),
  ['bytes, as with the option serializer=2', ['message', BYTES], { body: BYTES, headers: {} }],
  [
    'broken UTF-8 in JSON',
    ['message', Buffer.from('{"body":"\xff","headers":{}}', 'latin1')],
    { body: Buffer.from('{"body":"\xff","headers":{}}', 'latin1'), headers: {} },
  ],
  [
    'a message that nobody knows',
    ['message', '{"body":"x","headers":{"type":"unknown","__proto__":"p","X-Trace":"1"}}'],
    {
      body: 'x',
      headers: JSON.parse('{"type":"unknown","__proto__":"p","X-Trace":"1"}') as Record<string, string>,
    },
  ],
  [
    'half a surrogate pair',
    ['message', '{"body":"\\ud800","headers":{"type":"unknown"}}'],
    { body: '\ud800', headers: { type: 'unknown' } },
  ],
  [
    'foreign fields',
    ['a', '1', '', '2', 'constructor', '3'],
    { body: '{"a":"1","":"2","constructor":"3"}', headers: {} },
  ],
  [
    'foreign fields with a dangerous name',
    ['__proto__', 'p', 'toString', 't'],
    { body: '{"__proto__":"p","toString":"t"}', headers: {} },
  ],
  [
    'foreign fields with bytes',
    ['a', BYTES],
    { body: JSON.stringify({ a: `data:;base64,${BYTES.toString('base64')}` }), headers: {} },
  ],
  ['foreign fields of one name', ['a', '1', 'a', '2'], { body: '[["a","1"],["a","2"]]', headers: {} }],
  [
    'a foreign body of bytes',
    ['body', BYTES, 'type', 'unknown', '__proto__', 'p'],
    { body: BYTES, headers: JSON.parse('{"type":"unknown","__proto__":"p"}') as Record<string, string> },
  ],
];

describe('an entry that nobody can decode', () => {
  it.each(UNDECODABLE)(
    'comes out as it is, also out of the failure transport: %s',
    async (_, fields, encoded) => {
      const { transport, failed, add } = setup();
      await add(...fields);
      const core = createCore({
        transports: { async: transport, failed },
        policies: { async: { failureTransport: 'failed' } },
        clock: systemClock,
      });
      const received = only(await transport.get());
      expect(bytesOf(received.message)).toEqual(bytesOf(new UndecodableMessage(encoded)));
      await transport.release([received]);

      await core.workers.create(['async'], { stopWhenIdle: true }).run();

      const kept = only(await failed.get({ max: 2 }));
      expect(bytesOf(kept.message)).toEqual(bytesOf(new UndecodableMessage(encoded)));
      expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
      expect(({} as Record<string, unknown>)['p']).toBeUndefined();
    },
  );
});

/** Comparable, whether the body is a text or bytes. */
function bytesOf(message: object | undefined): unknown {
  if (!(message instanceof UndecodableMessage)) {
    return message;
  }
  const { body, headers } = message.encoded;
  const bytes = Buffer.from(body).toString('base64');
  return { isText: typeof body === 'string', bytes, headers: Object.entries(headers) };
}

describe('an entry of a foreign producer', () => {
  it('is a message if it has the fields of one', async () => {
    const { transport, add } = setup();
    const body = JSON.stringify(ADA);
    await add('type', 'App\\Message\\OrderPlaced', 'body', body, '__proto__', 'x');
    expect(only(await transport.get()).message).toEqual(ADA);
  });

  it('is given to a serializer of the application as it is', async () => {
    const serializer: Serializer = {
      encode: () => ({ body: '', headers: {} }),
      decode: ({ body }) => new Envelope<object>(JSON.parse(String(body)) as object),
    };
    const { transport, add } = setup(serializer);
    await add('sku', 'a-1', 'quantity', '3');
    await add('message', '{"sku":"b-2"}');
    const received = await transport.get({ max: 2 });
    expect(received.map(({ message }) => message)).toEqual([{ sku: 'a-1', quantity: '3' }, { sku: 'b-2' }]);
  });
});

describe('a message as it is written', () => {
  it('is one field with JSON that any setting of PHP can read', async () => {
    const { transport, keys, redis } = setup();
    await transport.send([new Envelope<object>(new OrderPlaced(1, 'é ☃', 'now', []))]);
    const [[, fields] = []] = await redis.xrange(keys.stream, '-', '+');
    const body = '{"orderId":1,"customer":"é ☃","placedAt":"now","tags":[]}';
    const headers = { type: 'App\\Message\\OrderPlaced', 'Content-Type': 'application/json' };
    expect(fields).toEqual(['message', JSON.stringify({ body, headers })]);
  });

  it('has a body that is no text in base64, which says so', async () => {
    const body = new Uint8Array(BYTES);
    const serializer: Serializer = {
      encode: () => ({ body, headers: { type: 'bytes' } }),
      decode: (encoded) => new Envelope<object>(new UndecodableMessage(encoded)),
    };
    const { transport, keys, redis } = setup(serializer);
    await transport.send([note('a')]);
    const [[, fields] = []] = await redis.xrange(keys.stream, '-', '+');
    const base64 = Buffer.from(body).toString('base64');
    expect(fields?.[1]).toBe(
      JSON.stringify({ body: base64, headers: { type: 'bytes' }, encoding: 'base64' }),
    );
    expect(bytesOf(only(await transport.get()).message)).toEqual(
      bytesOf(new UndecodableMessage({ body, headers: { type: 'bytes' } })),
    );
  });

  it.each([
    ['in two seconds', 2000],
    ['in a hundred years', 100 * 365 * 24 * 3600 * 1000],
  ])('has a "uniqid" and a time of 13 digits, as PHP needs it, while it is delayed: %s', async (_, delay) => {
    const { transport, keys, redis } = setup();
    await transport.send([new Envelope<object>(ADA, [new DelayStamp(delay)])]);
    const [member = '', score = ''] = await redis.zrange(keys.delayed, 0, '-1', 'WITHSCORES');
    expect(score).toMatch(/^\d{13}(\.\d{1,4})?$/);
    expect(Math.abs(Number(score) - Date.now() - delay)).toBeLessThan(1000);
    const parsed = JSON.parse(member) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(['body', 'headers', 'uniqid']);
    expect(parsed['body']).toBe(JSON.stringify(ADA));
    expect(parsed['uniqid']).toMatch(/^[\w-]{12}$/);
  });

  it.each([
    ['wrapped', WRAPPED],
    ['plain', PLAIN],
    ['a text', 'not JSON'],
    ['bytes', BYTES],
  ])('comes out of the delayed set as out of the stream, also if others wrote it: %s', async (_, value) => {
    const { transport, other, keys, redis, add } = setup();
    const member = Buffer.from(value);
    await add('message', member);
    const expected = bytesOf(only(await transport.get()).message);
    await redis.zadd(keys.delayed, Date.now() + 60_000, member);
    const listed = (await collect(transport.all())).at(-1);
    const claimed = await transport.claim(idOf(listed ?? note('none')));
    expect([listed, claimed].map((each) => bytesOf(each?.message))).toEqual([expected, expected]);
    await redis.zadd(keys.delayed, 1, member);
    expect(bytesOf(only(await other.get({ wait: 5000 })).message)).toEqual(expected);
  });
});
