import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Box, setup } from './serializer-setup.js';

const TABLE: ReadonlyArray<readonly [name: string, value: unknown, json: string]> = [
  ['plain data', { a: [1, 'x', true, null, { b: 1.5 }] }, '{"a":[1,"x",true,null,{"b":1.5}]}'],
  ['a date', new Date('2026-11-22T10:00:00.123Z'), '{"$date":"2026-11-22T10:00:00.123Z"}'],
  ['a date before the common era', new Date(-1e14), '{"$date":"-001199-02-15T14:13:20.000Z"}'],
  ['a bigint', -12_345_678_901_234_567_890n, '{"$bigint":"-12345678901234567890"}'],
  ['NaN', Number.NaN, '{"$number":"NaN"}'],
  [
    'infinity',
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    '[{"$number":"Infinity"},{"$number":"-Infinity"}]',
  ],
  ['minus zero', -0, '{"$number":"-0"}'],
  [
    'a map',
    new Map<unknown, unknown>([
      ['a', 1],
      [{ b: 2 }, new Date(0)],
    ]),
    '{"$map":[["a",1],[{"b":2},{"$date":"1970-01-01T00:00:00.000Z"}]]}',
  ],
  ['a set', new Set([1, 'a', null]), '{"$set":[1,"a",null]}'],
  ['a buffer', Buffer.from('hello'), '{"$buffer":"aGVsbG8="}'],
  ['bytes', new Uint8Array([0, 255]), '{"$bytes":"AP8="}'],
  ['a view into a larger buffer', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), '{"$bytes":"AgM="}'],
  ['undefined in a list', [1, undefined, 2], '[1,{"$undefined":true},2]'],
  ['undefined in a map', new Map([['a', undefined]]), '{"$map":[["a",{"$undefined":true}]]}'],
  ['a key that looks like a tag', { $date: 'today' }, '{"$$date":"today"}'],
  ['a key that looks like an escaped tag', { $$date: 1, $: 2, a$: 3 }, '{"$$$date":1,"$$":2,"a$":3}'],
  [
    'keys of every object',
    { constructor: 1, toString: 2, hasOwnProperty: 3 },
    '{"constructor":1,"toString":2,"hasOwnProperty":3}',
  ],
  ['a lone surrogate', 'a\uD800b', String.raw`"a\ud800b"`],
  ['the largest safe integer', Number.MAX_SAFE_INTEGER, '9007199254740991'],
  [
    'numbers too large to be exact',
    [1.2345678901234568e20, 2 ** 70, Number.MAX_VALUE],
    '[123456789012345680000,1.1805916207174113e+21,1.7976931348623157e+308]',
  ],
  ['a long number in a text', '12345678901234567890', '"12345678901234567890"'],
];

/** Anything the documented rules can carry. A field that is undefined is left out, hence not made. */
const value = fc.letrec((tie) => {
  const field = tie('value').filter((field) => field !== undefined);
  const key = fc
    .oneof(fc.string(), fc.constantFrom('$date', '$type', '$$', '$', 'constructor', 'toString', 'toJSON', ''))
    .filter((key) => key !== '__proto__');
  return {
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom(null, true, false, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.maxSafeInteger(),
      fc.bigInt(),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.array(tie('value')),
      fc.array(tie('value')).map((items) => new Set(items)),
      fc.array(fc.tuple(tie('value'), tie('value'))).map((pairs) => new Map(pairs)),
      fc.dictionary(key, field, { noNullPrototype: true }),
    ),
  };
}).value;

describe('a value inside of a message', () => {
  it.each(TABLE)('keeps %s', (_name, content, json) => {
    const { encode, transfer } = setup();

    expect(encode(new Box(content)).body).toBe(`{"content":${json}}`);
    deepStrictEqual(transfer(new Box(content)).content, content);
  });

  it('arrives as it was sent, whatever it is made of', () => {
    const { transfer } = setup();

    fc.assert(
      fc.property(value, (content) => {
        deepStrictEqual(transfer(new Box([content])).content, [content]);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same JSON after a second transfer', () => {
    const { encode, transfer } = setup();

    fc.assert(
      fc.property(value, (content) => {
        const box = new Box(content);
        expect(encode(transfer(box)).body).toBe(encode(box).body);
      }),
    );
  });

  it('costs plain JSON nothing: the body is what JSON.stringify writes', () => {
    const { encode } = setup();
    const plain = fc
      .jsonValue({ noUnicodeString: false })
      .filter((json) => !/"\$|__proto__|-0/.test(JSON.stringify(json)));

    fc.assert(
      fc.property(plain, (content) => {
        fc.pre(!hasMinusZero(content));
        expect(encode(new Box(content)).body).toBe(JSON.stringify({ content }));
      }),
    );
  });

  it('leaves a field out that is undefined, as JSON does', () => {
    const { encode, transfer } = setup();
    const content = { a: undefined, b: new Date(0) };

    expect(encode(new Box({ a: undefined })).body).toBe('{"content":{}}');
    expect(encode(new Box(content)).body).toBe('{"content":{"b":{"$date":"1970-01-01T00:00:00.000Z"}}}');
    expect(transfer(new Box(content)).content).not.toHaveProperty('a');
  });

  it('becomes an ordinary object when it had no prototype, and loses symbols and what is not enumerable', () => {
    const content = Object.assign(Object.create(null) as object, { a: 1, [Symbol('s')]: 2 });
    Object.defineProperty(content, 'hidden', { value: 3 });

    deepStrictEqual(setup().transfer(new Box(content)).content, { a: 1 });
  });

  it('is not changed by being encoded', () => {
    const content = Object.freeze({
      $a: 1,
      list: Object.freeze([new Date(0), undefined]),
      map: new Map([[1, 1n]]),
    });

    setup().encode(new Box(content));

    expect(content).toEqual({ $a: 1, list: [new Date(0), undefined], map: new Map([[1, 1n]]) });
  });

  it('may be an invalid date', () => {
    const { encode, transfer } = setup();
    const content = new Date(Number.NaN);

    expect(encode(new Box(content)).body).toBe('{"content":{"$date":null}}');
    expect(String(transfer(new Box(content)).content)).toBe('Invalid Date');
  });

  it('may hold one object twice', () => {
    const address = { city: 'Oslo' };

    expect(setup().transfer(new Box([address, address])).content).toEqual([
      { city: 'Oslo' },
      { city: 'Oslo' },
    ]);
  });

  it('reads dates as other languages write them', () => {
    const { decode } = setup();
    const read = (date: string) => (decode(`{"content":{"$date":"${date}"}}`).message as Box).content;

    expect(read('2026-11-22T10:00:00+02:00')).toEqual(new Date('2026-11-22T08:00:00Z'));
    expect(read('2026-11-22')).toEqual(new Date('2026-11-22T00:00:00Z'));
  });

  it('is restored when another language escaped the names of the tags', () => {
    const { decode } = setup();

    const { message } = decode(String.raw`{"content":{"\u0024date":"1970-01-01T00:00:00Z"}}`);

    expect(message).toEqual(new Box(new Date(0)));
  });

  it('may come from another realm', async () => {
    const { runInNewContext } = await import('node:vm');
    const content: unknown = runInNewContext('({ a: [1, { b: 2 }] })');

    deepStrictEqual(setup().transfer(new Box(content)).content, { a: [1, { b: 2 }] });
  });
});

function hasMinusZero(json: unknown): boolean {
  if (typeof json === 'object' && json !== null) {
    return Object.values(json).some(hasMinusZero);
  }
  return Object.is(json, -0);
}
