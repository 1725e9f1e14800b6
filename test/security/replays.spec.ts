import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../lib/stamp/delay.stamp.js';
import { MessageDecodingFailedStamp } from '../../lib/stamp/message-decoding-failed.stamp.js';
import { OrderPlaced, problemOf, SECRET, signed } from './support/signed.js';

const HOUR = 3_600_000;
const SKEW = 60_000;

describe('a message that somebody kept and sends again', () => {
  const setup = (transports = {}) =>
    signed({
      signing: { secret: SECRET, maxAge: HOUR },
      transports,
      ...('failed' in transports && { failureTransport: 'failed' }),
    });

  it('is accepted for as long as it may be on its way, and not after that', async () => {
    const { clock, encode, decode } = setup();
    const message = encode(new OrderPlaced(1));

    await clock.advance(HOUR + SKEW);
    expect(problemOf(decode(message))).toBeUndefined();
    await clock.advance(1);
    const late = decode(message);

    expect(problemOf(late)).toBe('expired');
    expect(late.last(MessageDecodingFailedStamp)?.error.message).toContain(
      'it was signed, and due, 3660001 ms before, and "maxAge" of "signing" is 3600000.',
    );
  });

  it('has its time from when it is due, if it was delayed', async () => {
    const { clock, encode, decode } = setup();
    const message = encode(new OrderPlaced(1), [new DelayStamp(24 * HOUR)]);

    await clock.advance(25 * HOUR + SKEW);
    expect(problemOf(decode(message))).toBeUndefined();
    await clock.advance(1);
    expect(problemOf(decode(message))).toBe('expired');
  });

  it('is refused if it comes from the future, further than clocks may differ', async () => {
    const { clock, encode, decode } = setup();
    await clock.advance(SKEW + 1);
    const message = encode(new OrderPlaced(1));
    const behind = setup();

    expect(problemOf(behind.decode(message))).toBe('not-yet');
    await behind.clock.advance(1);
    expect(problemOf(behind.decode(message))).toBeUndefined();
    expect(problemOf(decode(message))).toBeUndefined();
  });

  it('is accepted at any time without a limit', async () => {
    const { clock, encode, decode } = signed();
    const message = encode(new OrderPlaced(1));

    await clock.advance(1000 * HOUR);

    expect(problemOf(decode(message))).toBeUndefined();
  });

  it('has a new time in each copy that is stored', async () => {
    const { clock, encode, decode, of } = setup();
    const first = encode(new OrderPlaced(1));
    await clock.advance(HOUR);

    const copy = of('async').encode(decode(first));
    await clock.advance(HOUR);

    expect(problemOf(decode(first))).toBe('expired');
    expect(problemOf(decode(copy))).toBeUndefined();
  });

  it('may be old in a failure transport and in an outbox, where messages wait', async () => {
    const app = setup({ failed: {} });
    const failed = app.encode(new OrderPlaced(1), [], 'failed');
    const message = app.encode(new OrderPlaced(1));

    await app.clock.advance(100 * HOUR);

    expect(problemOf(app.decode(failed, 'failed'))).toBeUndefined();
    expect(problemOf(app.ofOutbox('async').decode(message))).toBeUndefined();
    expect(problemOf(app.decode(message))).toBe('expired');
  });
});
