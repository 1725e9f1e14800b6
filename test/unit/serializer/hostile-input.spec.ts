import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import { MessageDecodingFailedError } from '../../../lib/errors/message-decoding-failed.error.js';
import { Box, setup, thrownBy } from './serializer-setup.js';

const BROKEN_BODIES: ReadonlyArray<readonly [name: string, body: string | Uint8Array, text: string]> = [
  ['nothing', '', 'it is not valid JSON.'],
  ['half of a message', '{"content":"ab', 'it is not valid JSON.'],
  ['a list', '[1]', 'its body must be a JSON object.'],
  ['a text', '"x"', 'its body must be a JSON object.'],
  ['null', 'null', 'its body must be a JSON object.'],
  ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xc3, 0x28, 0x7d]), 'its body is not valid UTF-8.'],
  ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0]), 'its body is not valid UTF-8.'],
  [
    'an envelope of PHP',
    String.raw`O:36:\"Symfony\\Component\\Messenger\\Envelope\":2:{}`,
    'it was written by serialize() of PHP',
  ],
  [
    'a wrapped text of PHP',
    's:12:"{\\"content\\":1}";',
    '"messenger.transport.symfony_serializer" on the PHP side.',
  ],
  [
    'a prototype',
    '{"__proto__":{"isAdmin":true}}',
    'field "__proto__" cannot be decoded: the name could reach a prototype',
  ],
  [
    'a prototype deep inside',
    '{"content":[{"__proto__":1}]}',
    'field "content[0].__proto__" cannot be decoded',
  ],
  [
    'a prototype in disguise',
    String.raw`{"content":{"\u005f_proto__":{"x":1}}}`,
    'field "content.__proto__" cannot be',
  ],
  [
    'a prototype beside a tag',
    '{"content":{"$$a":1,"__proto__":{}}}',
    'field "content.__proto__" cannot be decoded',
  ],
  [
    'a prototype of an instance',
    '{"content":{"$type":"Box","__proto__":{}}}',
    'field "content.__proto__" cannot be',
  ],
  ['an unknown tag', '{"content":{"$regexp":"x"}}', 'field "content" cannot be decoded: "$regexp" is no tag'],
  [
    'a tag among fields',
    '{"content":{"$date":"2026-01-01","b":1}}',
    'field "content.$date" cannot be decoded: "$date" is no tag',
  ],
  [
    'a tag as the message',
    '{"$map":[]}',
    'field "$map" cannot be decoded: "$map" is no tag that can stand here. A field of that name is written "$$map".',
  ],
  [
    'a type as the message',
    '{"$type":"Box"}',
    'field "$type" cannot be decoded: "$type" is no tag that can stand here.',
  ],
  ['a type nobody knows', '{"content":{"$type":"Function"}}', 'Message type "Function" is not known here.'],
  [
    'a type that is no text',
    '{"content":{"$type":{"a":1}}}',
    'Message type "[object Object]" is not known here.',
  ],
  [
    'a date that is none',
    '{"content":{"$date":"soon"}}',
    'field "content" cannot be decoded: "$date" must hold a date',
  ],
  ['a date that is too short', '{"content":{"$date":"1"}}', '"$date" must hold a date in ISO 8601'],
  [
    'a date that does not exist',
    '{"content":{"$date":"2026-13-01T00:00:00Z"}}',
    '"$date" must hold a date in ISO 8601',
  ],
  ['a date as a number', '{"content":{"$date":0}}', '"$date" must hold a date in ISO 8601'],
  [
    'a bigint that is none',
    '{"content":{"$bigint":"0x10"}}',
    '"$bigint" must hold up to 10000 digits in a text.',
  ],
  [
    'a bigint without end',
    `{"content":{"$bigint":"${'9'.repeat(10_001)}"}}`,
    '"$bigint" must hold up to 10000 digits',
  ],
  ['a number that is none', '{"content":{"$number":"1"}}', '"$number" must hold "NaN"'],
  ['a map that is none', '{"content":{"$map":[[1,2],[3]]}}', '"$map" must hold a list of pairs.'],
  ['a set that is none', '{"content":{"$set":{"length":3}}}', '"$set" must hold a list.'],
  ['bytes that are none', '{"content":{"$bytes":"A"}}', '"$bytes" must hold base64.'],
  ['a buffer that is none', '{"content":{"$buffer":"A_-="}}', '"$buffer" must hold base64.'],
  ['undefined that is none', '{"content":{"$undefined":1}}', '"$undefined" must hold true.'],
  [
    'an integer that would be rounded',
    '{"content":[{"id":9007199254740993}]}',
    'it holds the integer 9007199254740993, which a number cannot hold exactly.',
  ],
  ['a negative one', '{"content": -12345678901234567890 }', 'it holds the integer -12345678901234567890'],
  [
    'an integer as long as a body',
    `{"content":${'7'.repeat(5000)}}`,
    `it holds the integer ${'7'.repeat(40)}, which`,
  ],
];

const BROKEN_STAMPS: ReadonlyArray<readonly [name: string, stamp: string, json: string, text: string]> = [
  ['no JSON', 'BusNameStamp', '[{', 'Stamp "BusNameStamp" cannot be decoded: it is not valid JSON.'],
  [
    'no list',
    'BusNameStamp',
    '{"busName":"a"}',
    'Stamp "BusNameStamp" cannot be decoded: it must be a JSON list.',
  ],
  [
    'a list of texts',
    'BusNameStamp',
    '["a"]',
    'Stamp "BusNameStamp" cannot be decoded: its list must hold objects.',
  ],
  [
    'an unknown one without a list',
    'future',
    '{"a":1}',
    'Stamp "future" cannot be decoded: it must be a JSON list.',
  ],
  ['a missing field', 'BusNameStamp', '[{}]', 'its field "busName" must be a text.'],
  [
    'a field of another type',
    'RedeliveryStamp',
    '[{"retryCount":"1","redeliveredAt":{"$date":"2026-01-01"}}]',
    'its field "retryCount" must be a whole number',
  ],
  [
    'a negative count',
    'RedeliveryStamp',
    '[{"retryCount":-1,"redeliveredAt":{"$date":"2026-01-01"}}]',
    'its field "retryCount" must be a whole number',
  ],
  [
    'a date as a text',
    'RedeliveryStamp',
    '[{"retryCount":1,"redeliveredAt":"2026-01-01"}]',
    'its field "redeliveredAt" must be a date.',
  ],
  [
    'a negative delay',
    'DelayStamp',
    '[{"delay":-5}]',
    'Stamp "DelayStamp" cannot be decoded. See the cause.',
  ],
  ['a delay as a text', 'DelayStamp', '[{"delay":"5"}]', 'its field "delay" must be a number.'],
  [
    'names that are no texts',
    'TransportNamesStamp',
    '[{"transportNames":[1]}]',
    'its field "transportNames" must be a list of texts.',
  ],
  ['options as a list', 'SerializerStamp', '[{"options":[]}]', 'its field "options" must be an object.'],
  [
    'a prototype',
    'SerializerStamp',
    '[{"options":{"__proto__":{}}}]',
    'Stamp "SerializerStamp", field "options.__proto__" cannot be decoded',
  ],
  [
    'a rounded integer',
    'MessageIdStamp',
    '[{"id":12345678901234567890}]',
    'it holds the integer 12345678901234567890',
  ],
];

const STRANGE: ReadonlyArray<readonly [name: string, encoded: unknown]> = [
  ['no headers', { body: '{}' }],
  ['no type', { body: '{}', headers: {} }],
  ['an empty type', { body: '{}', headers: { type: '' } }],
  ['a type that is no text', { body: '{}', headers: { type: ['Box'] } }],
  ['no body', { headers: { type: 'Box' } }],
  ['a body that is an object', { body: { content: 1 }, headers: { type: 'Box' } }],
  [
    'a stamp that is an object',
    { body: '{}', headers: { type: 'Box', 'X-Stamp-BusNameStamp': [{ busName: 'a' }] } },
  ],
];

describe('decoding', () => {
  it.each(BROKEN_BODIES)('refuses a body of %s', (_name, body, text) => {
    const error = thrownBy(() => setup().decode(body));

    expect(error).toBeInstanceOf(MessageDecodingFailedError);
    expect(error.message).toContain(text);
    expect(error.message).toMatch(/\.$/);
  });

  it.each(BROKEN_STAMPS)('refuses a stamp with %s', (_name, stamp, json, text) => {
    const error = thrownBy(() => setup().decode('{"content":1}', 'Box', { [`X-Stamp-${stamp}`]: json }));

    expect(error).toBeInstanceOf(MessageDecodingFailedError);
    expect(error.message).toContain(text);
  });

  it.each(STRANGE)('refuses %s', (_name, encoded) => {
    const error = thrownBy(() => setup().serializer.decode(encoded as EncodedEnvelope));

    expect(error).toBeInstanceOf(MessageDecodingFailedError);
    expect(error.message).toMatch(/\.$/);
  });

  it('says what to do when the default serializer of Symfony wrote the message', () => {
    const body = String.raw`O:36:\"Symfony\\Component\\Messenger\\Envelope\":2:{}`;

    expect(() => setup().serializer.decode({ body, headers: {} })).toThrow(
      'Set the serializer of that transport to "messenger.transport.symfony_serializer" on the PHP side.',
    );
  });

  it('touches no prototype, whatever the keys are called', () => {
    const keys = fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      '$type',
      '$map',
      '$$a',
      'a',
    );
    const json = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constant(1),
        fc.array(tie('node')),
        fc.dictionary(keys, tie('node')),
      ),
    })).node;
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    const { decode } = setup();

    fc.assert(
      fc.property(json, (content) => {
        try {
          const { message } = decode(JSON.stringify({ content, ...(content as object) }));
          expect(Object.getPrototypeOf(message)).toBe(Box.prototype);
        } catch (error) {
          expect(error).toBeInstanceOf(MessageDecodingFailedError);
        }
      }),
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
    expect(Object.getOwnPropertyNames(Box.prototype)).toEqual(['constructor']);
  });

  it('takes "constructor" and "prototype" for the ordinary keys that they are', () => {
    const { message } = setup().decode('{"content":{"constructor":{"prototype":{"a":1}}},"constructor":2}');

    expect((message as Box).content).toEqual({ constructor: { prototype: { a: 1 } } });
    expect(message).toBeInstanceOf(Box);
    expect({}.constructor).toBe(Object);
  });

  it('never throws anything but a MessageDecodingFailedError, whatever the bytes', () => {
    const { serializer } = setup();
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array(),
      fc.stringMatching(/^[[\]{}",:$_p0-9\\u]*$/),
    );
    const headers = fc.dictionary(
      fc.constantFrom('type', 'X-Stamp-BusNameStamp', 'X-Stamp-x', '__proto__'),
      fc.oneof(fc.constant('Box'), fc.json()),
    );

    fc.assert(
      fc.property(text, headers, (body, others) => {
        try {
          serializer.decode({ body, headers: { type: 'Box', ...others } });
        } catch (error) {
          expect(error).toBeInstanceOf(MessageDecodingFailedError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['lists', '['.repeat(100_000), ']'.repeat(100_000)],
    ['objects', '{"a":'.repeat(100_000), `1${'}'.repeat(100_000)}`],
    ['lists that are not even closed', '['.repeat(100_000), ''],
  ])('refuses 100,000 nested %s without a stack overflow', (_name, open, close) => {
    const error = thrownBy(() => setup().decode(`{"content":${open}${close}}`));

    expect(error).toBeInstanceOf(MessageDecodingFailedError);
    expect(error.message).toContain('it is nested more than 100 levels deep. Raise "maxDepth"');
  });

  it('counts only brackets that nest', () => {
    const { decode } = setup();
    const siblings = JSON.stringify({ content: Array.from({ length: 500 }, () => ({ a: [1] })) });
    const texts = JSON.stringify({ content: [`"${'[{'.repeat(500)}\\`, '{'.repeat(500)] });

    expect(() => decode(siblings)).not.toThrow();
    expect(() => decode(texts)).not.toThrow();
    expect(() => decode(`{"content":${'['.repeat(99)}${']'.repeat(99)}}`)).not.toThrow();
    expect(() => decode(`{"content":${'['.repeat(100)}${']'.repeat(100)}}`)).toThrow('more than 100 levels');
  });

  it('refuses deeply nested stamps', () => {
    const json = `[{"options":${'['.repeat(5000)}`;

    expect(() => setup().decode('{}', 'Box', { 'X-Stamp-SerializerStamp': json })).toThrow(
      'Stamp "SerializerStamp" cannot be decoded: it is nested more than 100 levels deep.',
    );
  });

  it('refuses a body that is too large before it looks at it', () => {
    const { decode } = setup({ options: { maxBodySize: 20 } });
    const tooLarge = 'its body is larger than 20 bytes, which is "maxBodySize" of the serializer.';

    expect(() => decode('{"content":12345678}')).not.toThrow();
    expect(() => decode('{"content":123456789}')).toThrow(tooLarge);
    expect(() => decode('{"content":"☃☃☃"}')).toThrow(tooLarge);
    expect(() => decode(new Uint8Array(21))).toThrow(tooLarge);
  });

  it('refuses stamps that are too large together', () => {
    const { decode } = setup({ options: { maxStampsSize: 65_536 } });
    const list = `["${'x'.repeat(996)}"]`;
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`X-Stamp-s${at}`, list]));

    expect(() => decode('{}', 'Box', many(65))).not.toThrow();
    expect(() => decode('{}', 'Box', many(66))).toThrow(
      'The stamps cannot be decoded: they have 66000 characters, and "maxStampsSize" of the serializer allows 65536.',
    );
  });

  it('bears a great many stamps', () => {
    const { serializer, decode } = setup({ options: { maxStampsSize: 10_000_000 } });
    const json = `[${Array.from({ length: 200_000 }, () => '{"busName":"a"}').join(',')}]`;

    const envelope = decode('{"content":1}', 'Box', { 'X-Stamp-BusNameStamp': json });

    expect(envelope.all()).toHaveLength(200_001);
    expect(serializer.encode(envelope).headers['X-Stamp-BusNameStamp']).toBe(json);
  });

  it('takes the last of several values for one key, as every JSON parser does', () => {
    expect(setup().decode('{"content":1,"content":2}').message).toEqual(new Box(2));
  });

  it('does not round numbers that it could have kept, and accepts every number JavaScript writes', () => {
    const { decode } = setup();

    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const json = JSON.stringify({ content: number });
        expect(decode(json).message).toEqual(JSON.parse(json));
      }),
    );
  });

  it('accepts long digits in texts and fractions', () => {
    const json = String.raw`{"content":[-0,7,"12345678901234567890","\"12345678901234567890,",0.12345678901234567890]}`;

    expect(() => setup().decode(json)).not.toThrow();
  });
});
