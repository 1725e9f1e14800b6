import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Envelope } from '../envelope/envelope.js';
import type { Stamp, StampType } from '../envelope/stamp.js';
import { classOf, type MessageClass } from '../message/message-class.js';

/** Some fields and their values, or a condition. Values are compared deeply; fields left out may be anything. */
export type Expected<T> = Partial<T> | ((value: T) => boolean);

/** Which message is meant: some of its fields, or a condition on it and its envelope. */
export type MessageMatcher<T extends object> = Partial<T> | ((message: T, envelope: Envelope<T>) => boolean);

/** Longer lists are cut: the first few say what went wrong. */
const MOST_LISTED = 20;

/**
 * Checks that an envelope carries a stamp of exactly this class, and that one of them is as `expected`.
 *
 * @returns the last such stamp.
 * @throws AssertionError that lists the stamps.
 */
export function assertStamp<S extends Stamp>(
  envelope: Envelope,
  type: StampType<S>,
  expected?: Expected<S>,
): S {
  const found = envelope.all(type).findLast((stamp) => isAsExpected(stamp, expected));
  assert.ok(
    found,
    `Expected ${messageName(envelope)} to carry a "${type.name}"${described(expected)}. ${stampsOf(envelope)}`,
  );
  return found;
}

/**
 * Checks that an envelope carries no stamp of exactly this class.
 *
 * @throws AssertionError that lists the stamps.
 */
export function assertNoStamp(envelope: Envelope, type: StampType): void {
  assert.ok(
    !envelope.has(type),
    `Expected ${messageName(envelope)} to carry no "${type.name}". ${stampsOf(envelope)}`,
  );
}

/**
 * Checks that a message of this type, or of a type derived from it, was sent to a transport.
 *
 * @param transport anything that tells what was `sent`, such as an `InMemoryTransport`.
 * @returns the first such envelope.
 * @throws AssertionError that lists what was sent.
 */
export function assertSent<T extends object>(
  transport: { readonly sent: readonly Envelope[] },
  type: MessageClass<T>,
  matcher?: MessageMatcher<T>,
): Envelope<T> {
  return assertMessage(transport.sent, type, matcher);
}

/**
 * Checks that no message of this type, or of a type derived from it, was sent to a transport.
 *
 * @throws AssertionError that lists what was sent.
 */
export function assertNotSent<T extends object>(
  transport: { readonly sent: readonly Envelope[] },
  type: MessageClass<T>,
  matcher?: MessageMatcher<T>,
): void {
  assertNoMessage(transport.sent, type, matcher);
}

/**
 * Checks that a list of envelopes, such as `transport.acknowledged`, has one with a message of this type.
 *
 * @returns the first such envelope.
 * @throws AssertionError that lists the messages.
 */
export function assertMessage<T extends object>(
  envelopes: readonly Envelope[],
  type: MessageClass<T>,
  matcher?: MessageMatcher<T>,
): Envelope<T> {
  const [found] = matching(envelopes, type, matcher);
  assert.ok(
    found,
    `Expected a message of type "${type.name}"${described(matcher)}. ${messagesOf(envelopes)}`,
  );
  return found;
}

/**
 * Checks that a list of envelopes has none with a message of this type.
 *
 * @throws AssertionError that lists the messages.
 */
export function assertNoMessage<T extends object>(
  envelopes: readonly Envelope[],
  type: MessageClass<T>,
  matcher?: MessageMatcher<T>,
): void {
  const found = matching(envelopes, type, matcher);
  assert.ok(
    found.length === 0,
    `Expected no message of type "${type.name}"${described(matcher)}. ${messagesOf(envelopes)}`,
  );
}

function matching<T extends object>(
  envelopes: readonly Envelope[],
  type: MessageClass<T>,
  matcher: MessageMatcher<T> | undefined,
): ReadonlyArray<Envelope<T>> {
  return envelopes
    .filter((envelope): envelope is Envelope<T> => envelope.message instanceof type)
    .filter((envelope) =>
      typeof matcher === 'function'
        ? matcher(envelope.message, envelope)
        : hasFields(envelope.message, matcher),
    );
}

function isAsExpected<T extends object>(value: T, expected: Expected<T> | undefined): boolean {
  return typeof expected === 'function' ? expected(value) : hasFields(value, expected);
}

function hasFields<T extends object>(value: T, fields: Partial<T> = {}): boolean {
  return Object.entries(fields).every(([name, field]) => isDeepStrictEqual(value[name as keyof T], field));
}

function described(expected: object | undefined): string {
  if (expected === undefined) {
    return '';
  }
  return typeof expected === 'function' ? ' that meets the condition' : ` with ${print(expected)}`;
}

function messageName({ message }: Envelope): string {
  return `the envelope of "${classOf(message).name}"`;
}

function stampsOf(envelope: Envelope): string {
  return listed('It carries', envelope.all(), 'no stamp');
}

function messagesOf(envelopes: readonly Envelope[]): string {
  return listed(
    'There is',
    envelopes.map(({ message }) => message),
    'nothing',
  );
}

function listed(intro: string, values: readonly object[], nothing: string): string {
  if (values.length === 0) {
    return `${intro} ${nothing}.`;
  }
  const lines = values.slice(0, MOST_LISTED).map((value) => `\n  ${print(value)}`);
  const rest = values.length - lines.length;
  return `${intro}:${lines.join('')}${rest > 0 ? `\n  and ${rest} more` : ''}`;
}

function print(value: object): string {
  return inspect(value, {
    depth: 3,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 200,
    maxArrayLength: 10,
  });
}
