import { describe, expect, it } from 'vitest';
import { Envelope } from '../../lib/envelope/envelope.js';
import type { Stamp } from '../../lib/envelope/stamp.js';
import type { EncodedEnvelope } from '../../lib/message/encoded-envelope.js';
import { UndecodableMessage } from '../../lib/message/undecodable-message.js';
import { ErrorDetailsStamp } from '../../lib/stamp/error-details.stamp.js';
import { HandledStamp } from '../../lib/stamp/handled.stamp.js';
import { MessageDecodingFailedStamp } from '../../lib/stamp/message-decoding-failed.stamp.js';
import { SentToFailureTransportStamp } from '../../lib/stamp/sent-to-failure-transport.stamp.js';
import {
  OrderPlaced,
  OrderRefunded,
  OTHER_SECRET,
  problemOf,
  SECRET,
  signed,
  withHeaders,
} from './support/signed.js';

const HOUR = 3_600_000;

/** A worker that does not know "OrderPlaced" yet, and one that does, on the same transports. */
function setup() {
  const options = {
    signing: { secret: SECRET, maxAge: HOUR },
    transports: { failed: {}, low: { sign: true } },
    failureTransport: 'failed',
  };
  const old = signed({ ...options, knows: [OrderRefunded] });
  const app = signed({ ...options, clock: old.clock });
  /** What the old worker stores of a message that it received from `from`. */
  const storedIn = (transport: string, received: Envelope, ...stamps: readonly Stamp[]): EncodedEnvelope =>
    old
      .of(transport)
      .encode(received.without(MessageDecodingFailedStamp).with(failedAt(old.clock.now()), ...stamps));
  const toFailed = (message: EncodedEnvelope, from = 'async'): EncodedEnvelope =>
    storedIn('failed', old.decode(message, from), new SentToFailureTransportStamp(from));
  return { app, old, storedIn, toFailed };
}

function failedAt(time: number): ErrorDetailsStamp {
  return new ErrorDetailsStamp('E', 0, 'not known', new Date(time), 'host');
}

describe('a genuine message that could not be read', () => {
  it('is one again in the failure transport, with the stamps that it got', () => {
    const { app, toFailed } = setup();

    const received = app.decode(toFailed(app.encode(new OrderPlaced(1))), 'failed');

    expect(received.message).toEqual(new OrderPlaced(1));
    expect(received.last(SentToFailureTransportStamp)?.originalReceiverName).toBe('async');
  });

  it('is one again on its transport, when it was sent back', () => {
    const { app, old, storedIn, toFailed } = setup();
    const kept = old.decode(toFailed(app.encode(new OrderPlaced(1))), 'failed');

    const sentBack = storedIn('async', kept.without(SentToFailureTransportStamp));

    expect(app.decode(sentBack).message).toEqual(new OrderPlaced(1));
  });

  it('may be retried at any time, if it was in time when it failed', async () => {
    const { app, toFailed } = setup();
    const stored = toFailed(app.encode(new OrderPlaced(1)));

    await app.clock.advance(1000 * HOUR);

    expect(problemOf(app.decode(stored, 'failed'))).toBeUndefined();
  });

  it.each([
    ['with stamps that somebody changed', { 'X-Quarantine': '{"HandledStamp":[{"handlerName":"a"}]}' }],
    ['without its seal', { 'X-Quarantine-Signature': undefined }],
    ['with a seal that is none', { 'X-Quarantine-Signature': 'v1.x' }],
    ['with another type', { type: 'OrderRefunded' }],
    ['with another signature', { 'X-Signature': 'v1' }],
  ])('is none %s', (_name, changes) => {
    const { app, toFailed } = setup();
    const stored = toFailed(app.encode(new OrderPlaced(1)));

    const received = app.decode(withHeaders(stored, changes), 'failed');

    expect(problemOf(received)).toBe('added-stamps');
    expect(received.has(HandledStamp)).toBe(false);
  });

  it('does not lend its seal to another message, another transport, or another key', () => {
    const { app, toFailed } = setup();
    const [first, second] = [1, 2].map((id) => toFailed(app.encode(new OrderPlaced(id))));
    const { 'X-Quarantine': stamps, 'X-Quarantine-Signature': seal } = first?.headers ?? {};
    const stranger = signed({ signing: { secret: OTHER_SECRET }, transports: { failed: { sign: true } } });

    const moved = withHeaders(second as EncodedEnvelope, {
      'X-Quarantine': stamps,
      'X-Quarantine-Signature': seal,
    });

    expect(problemOf(app.decode(moved, 'failed'))).toBe('added-stamps');
    expect(problemOf(app.decode(first as EncodedEnvelope, 'async'))).toBe('added-stamps');
    expect(problemOf(stranger.decode(first as EncodedEnvelope, 'failed'))).toBe('added-stamps');
  });
});

describe('a message that was refused', () => {
  it.each([
    ['forged', (genuine: EncodedEnvelope) => ({ ...genuine, body: '{"orderId":2}' }), 'mismatch'],
    [
      'not signed',
      (genuine: EncodedEnvelope) => withHeaders(genuine, { 'X-Signature': undefined }),
      'missing',
    ],
    [
      'given the stamps of a quarantine',
      (genuine: EncodedEnvelope) =>
        withHeaders(genuine, { 'X-Quarantine': '{"HandledStamp":[{"handlerName":"a"}]}' }),
      'added-stamps',
    ],
  ])('because it was %s is refused for ever, however often it is stored again', (_name, forge, problem) => {
    const { app, old, storedIn, toFailed } = setup();
    const forged = forge(app.encode(new OrderPlaced(1)));
    let stored = toFailed(forged);
    for (let time = 1; time <= 3; time++) {
      const received = old.decode(stored, 'failed');
      expect(problemOf(app.decode(stored, 'failed'))).toBe(problem);
      expect(received.message).toBeInstanceOf(UndecodableMessage);
      expect((received.message as UndecodableMessage).encoded.body).toBe(forged.body);
      const sentBack = storedIn('async', received.without(SentToFailureTransportStamp));
      expect(problemOf(app.decode(sentBack))).toBe(problem);
      stored = storedIn('failed', received, new SentToFailureTransportStamp('async'));
    }
  });

  it('with the stamps of a quarantine gets no seal for them, if it is stored without any of ours', () => {
    const { app, old } = setup();
    const forged = withHeaders(app.encode(new OrderPlaced(1)), {
      'X-Quarantine': '{"HandledStamp":[{"handlerName":"a"}]}',
    });
    const refused = old.decode(forged).without(MessageDecodingFailedStamp);

    const stored = old.of('async').encode(refused);

    expect(stored).toEqual(forged);
    expect(problemOf(app.decode(stored))).toBe('added-stamps');
  });

  it('because it was late stays late, until "maxAge" is raised', async () => {
    const { app, old, toFailed } = setup();
    const message = app.encode(new OrderPlaced(1));
    await app.clock.advance(2 * HOUR);
    expect(problemOf(old.decode(message))).toBe('expired');

    const stored = toFailed(message);

    expect(problemOf(app.decode(stored, 'failed'))).toBe('expired');
    await app.clock.advance(100 * HOUR);
    const patient = signed({
      signing: { secret: SECRET, maxAge: 3 * HOUR },
      transports: { failed: {} },
      failureTransport: 'failed',
      clock: app.clock,
    });
    expect(problemOf(patient.decode(stored, 'failed'))).toBeUndefined();
  });

  it('because it was signed for another transport is not accepted by way of the failure transport', () => {
    const { app, toFailed } = setup();
    const message = app.encode(new OrderPlaced(1), [], 'low');

    const stored = toFailed(message, 'async');

    expect(problemOf(app.decode(stored, 'failed'))).toBe('other-transport');
  });
});

describe('the failure transport of a transport that signs and one that does not', () => {
  const setupBoth = (knows: readonly (new (...args: never[]) => object)[]) =>
    signed({ transports: { plain: {}, failed: {} }, failureTransport: 'failed', knows });

  it('keeps what could not be read from both, and judges each as its transport does', () => {
    const old = setupBoth([OrderRefunded]);
    const app = setupBoth([OrderPlaced]);
    const stamp = new SentToFailureTransportStamp('plain');
    const unknown = old.decode(app.encode(new OrderPlaced(1), [], 'plain'), 'plain');

    const stored = old.of('failed').encode(unknown.with(stamp));

    expect(app.decode(stored, 'failed').message).toEqual(new OrderPlaced(1));
    expect(
      problemOf(app.decode(withHeaders(stored, { 'X-Quarantine-Signature': undefined }), 'failed')),
    ).toBe('added-stamps');
  });

  it('signs what failed on either, and accepts nothing else', () => {
    const app = setupBoth([OrderPlaced]);
    const received = app.decode(app.encode(new OrderPlaced(1), [], 'plain'), 'plain');

    const stored = app.of('failed').encode(received.with(new SentToFailureTransportStamp('plain')));

    expect(app.decode(stored, 'failed').message).toEqual(new OrderPlaced(1));
    expect(problemOf(app.decode(withHeaders(stored, { 'X-Signature': undefined }), 'failed'))).toBe(
      'missing',
    );
  });
});
