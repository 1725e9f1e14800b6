import { describe, expect, it } from 'vitest';
import { Envelope } from '../../lib/envelope/envelope.js';
import type { EncodedEnvelope } from '../../lib/message/encoded-envelope.js';
import { UndecodableMessage } from '../../lib/message/undecodable-message.js';
import type { Serializer } from '../../lib/serializer/serializer.js';
import { BusNameStamp } from '../../lib/stamp/bus-name.stamp.js';
import { DelayStamp } from '../../lib/stamp/delay.stamp.js';
import { MessageDecodingFailedStamp } from '../../lib/stamp/message-decoding-failed.stamp.js';
import { MessageIdStamp } from '../../lib/stamp/message-id.stamp.js';
import { SerializedMessageStamp } from '../../lib/stamp/serialized-message.stamp.js';
import { OrderPlaced, OTHER_SECRET, problemOf, SECRET, signed, withHeaders } from './support/signed.js';

const STAMPS = [new MessageIdStamp('m-1'), new BusNameStamp('default'), new DelayStamp(50)];

/** A message that is signed for "async", and one whose parts may be put into it. */
function genuine() {
  const app = signed();
  const other = app.encode(new OrderPlaced(8), [new MessageIdStamp('m-2'), new BusNameStamp('other')]);
  return { ...app, message: app.encode(new OrderPlaced(7), STAMPS), other };
}

const without = (name: string) => (message: EncodedEnvelope) => withHeaders(message, { [name]: undefined });

const set = (name: string, value: string) => (message: EncodedEnvelope) =>
  withHeaders(message, { [name]: value });

/** Changes the claims of the signature, and leaves its code. */
const claiming = (changes: object) => (message: EncodedEnvelope) => {
  const [version, code, ...json] = (message.headers['X-Signature'] ?? '').split('.');
  const claims = { ...(JSON.parse(json.join('.')) as object), ...changes };
  return withHeaders(message, { 'X-Signature': `${version}.${code}.${JSON.stringify(claims)}` });
};

const FORGERIES: ReadonlyArray<
  readonly [
    name: string,
    forge: (message: EncodedEnvelope, other: EncodedEnvelope) => EncodedEnvelope,
    problem: string,
  ]
> = [
  ['another body', (message) => ({ ...message, body: '{"orderId":9}' }), 'mismatch'],
  ['the body of another message', (message, { body }) => ({ ...message, body }), 'mismatch'],
  ['another body in bytes', (message) => ({ ...message, body: Buffer.from('{"orderId":9}') }), 'mismatch'],
  ['a body with one space more', (message) => ({ ...message, body: `${String(message.body)} ` }), 'mismatch'],
  ['another type', set('type', 'OrderRefunded'), 'mismatch'],
  ['no type', without('type'), 'mismatch'],
  ['another content type', set('Content-Type', 'text/plain'), 'mismatch'],
  ['no content type', without('Content-Type'), 'mismatch'],
  ['another id', set('X-Stamp-MessageIdStamp', '[{"id":"m-3"}]'), 'mismatch'],
  [
    'the id of another message',
    (message, { headers }) => set('X-Stamp-MessageIdStamp', headers['X-Stamp-MessageIdStamp'] ?? '')(message),
    'mismatch',
  ],
  ['another bus', set('X-Stamp-BusNameStamp', '[{"busName":"admin"}]'), 'mismatch'],
  ['another delay', set('X-Stamp-DelayStamp', '[{"delay":0}]'), 'mismatch'],
  ['a stamp more of a kind it has', set('X-Stamp-DelayStamp', '[{"delay":50},{"delay":1}]'), 'mismatch'],
  [
    'two stamps swapped',
    (message) => ({
      ...message,
      headers: {
        ...message.headers,
        'X-Stamp-MessageIdStamp': message.headers['X-Stamp-BusNameStamp'] ?? '',
        'X-Stamp-BusNameStamp': message.headers['X-Stamp-MessageIdStamp'] ?? '',
      },
    }),
    'mismatch',
  ],
  ['a stamp less', without('X-Stamp-DelayStamp'), 'mismatch'],
  [
    'a stamp more',
    set('X-Stamp-HandledStamp', '[{"handlerName":"OrderPlacedHandler.handle"}]'),
    'added-stamps',
  ],
  ['a stamp more of a kind nobody knows', set('X-Stamp-role', '[{"name":"admin"}]'), 'added-stamps'],
  ['stamps of a quarantine', set('X-Quarantine', '{"HandledStamp":[{"handlerName":"a"}]}'), 'added-stamps'],
  ['no signature', without('X-Signature'), 'missing'],
  [
    'the signature of another message',
    (message, { headers }) => set('X-Signature', headers['X-Signature'] ?? '')(message),
    'mismatch',
  ],
  ['an empty signature', set('X-Signature', ''), 'malformed'],
  ['a signature of zeros', set('X-Signature', `v1.${'A'.repeat(43)}.{}`), 'malformed'],
  ['a signature of another version', set('X-Signature', `v2.${'A'.repeat(43)}.{}`), 'malformed'],
  ['a signature that covers less', claiming({ headers: ['type'] }), 'mismatch'],
  ['a signature that covers nothing', claiming({ headers: [] }), 'mismatch'],
  ['a signature that was made later', claiming({ at: Date.UTC(2031, 0, 1) }), 'mismatch'],
  ['a signature with another delay', claiming({ delay: 1e9 }), 'mismatch'],
  ['a signature for another transport', claiming({ for: 'other' }), 'mismatch'],
  ['a signature that names another key', claiming({ key: 'k2' }), 'mismatch'],
  ['claims with a prototype', claiming({ headers: ['__proto__', 'constructor'] }), 'mismatch'],
  ['claims that are no list', claiming({ headers: { length: 0 } }), 'malformed'],
  ['a time that is none', claiming({ at: '0' }), 'malformed'],
];

describe('a signed message', () => {
  it('arrives as it was sent, with its stamps', () => {
    const { message, decode } = genuine();

    const received = decode(message);

    expect(received.message).toEqual(new OrderPlaced(7));
    expect(received.withoutKindOf(SerializedMessageStamp).all()).toEqual(STAMPS);
  });

  it('arrives as well in bytes, and with its headers in another order', () => {
    const { message, decode } = genuine();
    const headers = Object.fromEntries(Object.entries(message.headers).reverse());

    expect(problemOf(decode({ body: Buffer.from(String(message.body)), headers }))).toBeUndefined();
  });

  it.each(FORGERIES)('is refused with %s, and kept as it came', (_name, forge, problem) => {
    const { message, other, decode } = genuine();
    const forged = forge(message, other);

    const received = decode(forged);

    expect(problemOf(received)).toBe(problem);
    expect(received.message).toEqual(new UndecodableMessage(forged));
    expect(received.all()).toEqual([expect.any(MessageDecodingFailedStamp)]);
  });

  it('does not suffer from headers that brokers and tracing add, and nobody gets to see them', () => {
    const { message, decode } = genuine();

    const received = decode(withHeaders(message, { traceparent: '00-1', 'x-death': '[]' }));

    expect(received.message).toEqual(new OrderPlaced(7));
    expect(Object.keys(received.last(SerializedMessageStamp)?.headers ?? {}).sort()).toEqual(
      Object.keys(message.headers).sort(),
    );
  });

  it('is refused before its type is looked up, or its body read', () => {
    let looks = 0;
    const inner: Serializer = {
      encode: () => ({ body: '{}', headers: { type: 'x' } }),
      decode: () => {
        looks += 1;
        return new Envelope<object>(new OrderPlaced(1));
      },
    };
    const app = signed({ inner });
    const message = app.encode(new OrderPlaced(1));

    expect(problemOf(app.decode(withHeaders(message, { 'X-Signature': undefined })))).toBe('missing');
    expect(problemOf(app.decode({ ...message, body: '{ }' }))).toBe('mismatch');
    expect(looks).toBe(0);
    expect(problemOf(app.decode(message))).toBeUndefined();
    expect(looks).toBe(1);
  });

  it('may hold anything in its body and headers', () => {
    const bodies = ['', '\ud800', '\ufffd', '☃', 'a\nb', new Uint8Array([0xff, 0, 0x0a])];
    for (const body of bodies) {
      const headers = { type: 'x', __proto__x: '\n', 'a"b': '☃\ud800' };
      const inner: Serializer = {
        encode: () => ({ body, headers }),
        decode: () => new Envelope<object>(new OrderPlaced(1)),
      };
      const app = signed({ inner });

      expect(problemOf(app.decode(app.encode(new OrderPlaced(1))))).toBeUndefined();
    }
  });

  it('is not mistaken for one in which half a character stands in the place of another', () => {
    const inner: Serializer = {
      encode: () => ({ body: 'a\ufffd', headers: {} }),
      decode: () => new Envelope<object>(new OrderPlaced(1)),
    };
    const app = signed({ inner });
    const message = app.encode(new OrderPlaced(1));

    expect(Buffer.from('a\ud800').equals(Buffer.from('a\ufffd'))).toBe(true);
    expect(problemOf(app.decode({ ...message, body: 'a\ud800' }))).toBe('mismatch');
    expect(problemOf(app.decode(message))).toBeUndefined();
  });

  it('does not carry a signature on that a serializer of somebody else passes through', async () => {
    const passing: Serializer = {
      encode: (envelope) => ({
        body: '{}',
        headers: { ...envelope.last(SerializedMessageStamp)?.headers, type: 'x' },
      }),
      decode: (encoded) =>
        new Envelope<object>(new OrderPlaced(1), [new SerializedMessageStamp(encoded.body, encoded.headers)]),
    };
    const app = signed({ inner: passing });
    const first = app.encode(new OrderPlaced(1));
    await app.clock.advance(1);

    const second = app.of('async').encode(app.decode(first));

    expect(second.headers['X-Signature']).not.toBe(first.headers['X-Signature']);
    expect(problemOf(app.decode(second))).toBeUndefined();
  });
});

describe('a key', () => {
  const first = { secret: SECRET };
  const second = { secret: OTHER_SECRET, id: '2027' };

  it('that nobody here has makes nothing genuine, and the error tells which it is', () => {
    const message = signed({ signing: { keys: [second] } }).encode(new OrderPlaced(1));

    const received = signed().decode(message);

    expect(problemOf(received)).toBe('mismatch');
    expect(received.last(MessageDecodingFailedStamp)?.error.message).toMatch(
      /^Message "OrderPlaced" is refused: it names key "2027", and was signed with none of those known here: "[\w-]{8}"\. If that/,
    );
  });

  it('takes the place of another, step by step, and at no step is a message refused', () => {
    const steps = [[first], [first, second], [second, first], [second]].map((keys) =>
      signed({ signing: { keys } }),
    );
    for (const [at, sender] of steps.entries()) {
      const message = sender.encode(new OrderPlaced(1));
      const neighbours = steps.slice(Math.max(0, at - 1), at + 2);
      expect(neighbours.map((app) => problemOf(app.decode(message)))).toEqual(
        neighbours.map(() => undefined),
      );
    }
    const [before, , , after] = steps;
    expect(problemOf(after?.decode(before?.encode(new OrderPlaced(1)) as EncodedEnvelope) as Envelope)).toBe(
      'mismatch',
    );
  });

  it('is found whatever the signature calls it', () => {
    const sender = signed({ signing: { keys: [{ secret: SECRET, id: 'a' }] } });
    const receiver = signed({
      signing: {
        keys: [
          { secret: OTHER_SECRET, id: 'a' },
          { secret: SECRET, id: 'b' },
        ],
      },
    });

    expect(problemOf(receiver.decode(sender.encode(new OrderPlaced(1))))).toBeUndefined();
  });
});

describe('a signature', () => {
  it('holds for the transport that it was made for', () => {
    const app = signed({ transports: { other: { sign: true } } });
    const message = app.encode(new OrderPlaced(1));

    const received = app.decode(message, 'other');

    expect(problemOf(received)).toBe('other-transport');
    expect(received.last(MessageDecodingFailedStamp)?.error.message).toContain(
      `it was signed for transport "async", and not for "other". If the applications that share the queue call it`,
    );
  });

  it('holds for the same queue in applications that call it differently, if they are told so', () => {
    const sender = signed({ transports: { out: { sign: { as: 'orders' } } } });
    const receiver = signed({ transports: { in: { sign: { as: 'orders' } } } });

    const message = sender.encode(new OrderPlaced(1), [], 'out');

    expect(problemOf(receiver.decode(message, 'in'))).toBeUndefined();
    expect(problemOf(receiver.decode(message))).toBe('other-transport');
  });

  it('need not be there while it is not required, and is not wrong even then', () => {
    const app = signed({ transports: { async: { sign: { required: false } } } });
    const message = app.encode(new OrderPlaced(1));

    expect(Object.keys(message.headers)).toContain('X-Signature');
    expect(problemOf(app.decode(without('X-Signature')(message)))).toBeUndefined();
    expect(problemOf(app.decode(message))).toBeUndefined();
    expect(problemOf(app.decode({ ...message, body: '{"orderId":2}' }))).toBe('mismatch');
  });

  it('is not made where nothing asks for one', () => {
    const app = signed({ transports: { plain: {} } });

    expect(app.encode(new OrderPlaced(1), [], 'plain').headers).toEqual({
      type: 'OrderPlaced',
      'Content-Type': 'application/json',
    });
  });
});
