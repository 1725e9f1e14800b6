import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import { QuarantiningSerializer } from '../../../lib/serializer/quarantining.serializer.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { SerializerStamp } from '../../../lib/stamp/serializer.stamp.js';
import { Box, setup, thrownBy } from './serializer-setup.js';

class Celsius {
  constructor(readonly degrees: number) {}
  toJSON(): string {
    return `${this.degrees} C`;
  }
}

class Tree extends Map<string, unknown> {}

const refersToItself: Record<string, unknown> = { name: 'loop' };
refersToItself['items'] = [refersToItself];

const throwing = Object.defineProperty({}, 'price', {
  enumerable: true,
  get: () => {
    throw new RangeError('No price yet.');
  },
});

const TABLE: ReadonlyArray<readonly [name: string, content: unknown, text: string]> = [
  [
    'a function',
    { items: [1, { price: () => 1 }] },
    'field "content.items[1].price" is a function, which cannot travel.',
  ],
  [
    'a symbol',
    { 'in stock': Symbol('yes') },
    'field "content["in stock"]" is a symbol, which cannot travel.',
  ],
  ['a function in a map', new Map([['a', () => 1]]), 'field "content[0][1]" is a function'],
  ['a symbol in a set', new Set([Symbol('s')]), 'field "content[0]" is a symbol'],
  ['a method toJSON of its own', { toJSON: () => 'x' }, 'field "content.toJSON" is a function'],
  [
    'a class with toJSON',
    { t: new Celsius(4) },
    'field "content.t" is an instance of "Celsius", which has a method toJSON()',
  ],
  ['a promise', Promise.resolve(1), 'is an instance of "Promise", which is a built-in class'],
  ['an error', new RangeError('x'), 'is an instance of "RangeError", which is a built-in class'],
  ['a regular expression', /x/, 'is an instance of "RegExp", which is a built-in class'],
  ['a number object', Object(1), 'is an instance of "Number", which is a built-in class'],
  ['another typed array', new Float64Array(2), 'is an instance of "Float64Array", which is a built-in class'],
  [
    'a subclass of a built-in class',
    new Tree(),
    'is an instance of "Tree", which extends the built-in class "Map"',
  ],
  [
    'an envelope',
    [new Envelope(new Box(1))],
    'field "content[0]" is an envelope, whose stamps cannot travel',
  ],
  [
    'a forbidden key',
    JSON.parse('{"a":{"__proto__":1}}'),
    'field "content.a.__proto__" has a name that could reach a prototype',
  ],
  ['a bigint without end', 10n ** 10_000n, 'field "content" is a bigint of more than 10000 digits.'],
  [
    'a cycle',
    refersToItself,
    'field "content.items[0].items[0].items[0].items[0].items[0].items…" is nested more than 100 levels deep, or refers back to itself.',
  ],
];

describe('encoding', () => {
  it.each(TABLE)('refuses %s and says where it is', (_name, content, text) => {
    const error = thrownBy(() => setup().encode(new Box(content)));

    expect(error).toBeInstanceOf(MessageEncodingFailedError);
    expect(error.message).toContain('Message "Box" cannot be encoded: ');
    expect(error.message).toContain(text);
    expect(error.message).toMatch(/\.$/);
  });

  it('reports a getter that throws, with what it threw', () => {
    const error = thrownBy(() => setup().encode(new Box([throwing])));

    expect(error).toBeInstanceOf(MessageEncodingFailedError);
    expect(error.message).toContain('field "content[0].price" cannot be read.');
    expect(error.cause).toEqual(new RangeError('No price yet.'));
  });

  it('reports a proxy that throws something that is no error', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw 'no keys'; // eslint-disable-line typescript/only-throw-error -- the subject of the test.
        },
      },
    );

    const error = thrownBy(() => setup().encode(new Box(hostile)));

    expect(error).toBeInstanceOf(MessageEncodingFailedError);
    expect(error.cause).toBe('no keys');
  });

  it.each([
    ['a list', [1]],
    ['a map', new Map()],
    ['a date', new Date()],
    ['a message class with toJSON', new Celsius(1)],
  ])('refuses %s as the message itself', (_name, message) => {
    const error = thrownBy(() => setup().encode(message));

    expect(error).toBeInstanceOf(MessageEncodingFailedError);
    expect(error.message).toMatch(
      /cannot be encoded: it is an instance of "\w+", which (is a built-in|has a method)/,
    );
  });

  it('says which stamp is at fault', () => {
    const stamp = new SerializerStamp({ groups: [() => 'x'] });

    const error = thrownBy(() => setup().encode(new Box(1), stamp));

    expect(error.message).toBe(
      'Message "Box" cannot be encoded: stamp "SerializerStamp", field "options.groups[0]" is a function, which cannot ' +
        'travel. Leave it out, or make it a method of the class.',
    );
  });

  it('accepts values up to the depth that decoding accepts, and none beyond', () => {
    const { encode, transfer } = setup({ options: { maxDepth: 16 } });
    const deepest = [
      [[[[[1]]]]],
      { a: { b: { c: { d: { e: 1 } } } } },
      [[[[new Date(0)]]]],
      [new Map([['key', [1]]])],
      [new Map([[[1], 'value']])],
      [[new Set([[1]])]],
    ];

    for (const content of deepest.map((six) => nested(six, 10))) {
      expect(transfer(new Box(content)).content).toEqual(content);
      expect(thrownBy(() => encode(new Box([content]))).message).toContain('nested more than 16 levels deep');
    }
  });

  it('accepts stamps up to the depth that decoding accepts, quarantined or not', () => {
    const { serializer, dependencies, encode, transferStamps } = setup({ options: { maxDepth: 16 } });
    const quarantining = new QuarantiningSerializer(serializer, dependencies);
    const unreadable = quarantining.decode({ body: '', headers: {} });
    const deepest = new SerializerStamp({ a: nested(1, 12) });

    expect(transferStamps(deepest)).toEqual([deepest]);
    expect(quarantining.decode(quarantining.encode(unreadable.with(deepest))).last(SerializerStamp)).toEqual(
      deepest,
    );
    expect(() => encode(new Box(1), new SerializerStamp({ a: [nested(1, 12)] }))).toThrow(
      'more than 16 levels',
    );
  });

  it('refuses a body that is larger than allowed, counted in bytes', () => {
    const { encode } = setup({ options: { maxBodySize: 40 } });

    expect(encode(new Box('x'.repeat(26))).body).toHaveLength(40);
    expect(() => encode(new Box('x'.repeat(27)))).toThrow(
      'Message "Box" cannot be encoded: its body has 41 bytes, and "maxBodySize" of the serializer allows 40.',
    );
    expect(() => encode(new Box('☃'.repeat(9)))).toThrow('its body has 41 bytes');
  });

  it('refuses stamps that are larger than allowed together', () => {
    const { encode } = setup({ options: { maxStampsSize: 65_536 } });
    const stamp = new ErrorDetailsStamp('E', 0, 'x'.repeat(40_000), new Date(0), 'host');

    expect(() => encode(new Box(1), stamp)).not.toThrow();
    expect(() => encode(new Box(1), stamp, stamp)).toThrow(
      /its stamps have 80\d{3} characters, and "maxStampsSize" of the serializer allows 65536/,
    );
  });
});

/** The value inside of so many lists. */
function nested(value: unknown, levels: number): unknown {
  return levels === 0 ? value : [nested(value, levels - 1)];
}
