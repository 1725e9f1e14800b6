import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EncodedEnvelope } from '../../lib/message/encoded-envelope.js';
import { MessageIdStamp } from '../../lib/stamp/message-id.stamp.js';
import { OrderPlaced, OTHER_SECRET, problemOf, SECRET, signed, withHeaders } from './support/signed.js';

const STAMP = 'X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\BusNameStamp';

const hmac = (key: string, data: string): string => createHmac('sha256', key).update(data).digest('hex');

/** What Symfony writes; the payload as PHP's serialize() would, written out. */
const BODY = '{"orderId":7,"note":"\u00e9"}';
const FROM_SYMFONY: EncodedEnvelope = {
  body: BODY,
  headers: {
    type: 'OrderPlaced',
    [STAMP]: '[{"busName":"messenger.bus.default"}]',
    'Content-Type': 'application/json',
    'Body-Sign': `v2:${hmac(
      hmac(SECRET, 'v2:'),
      `a:2:{i:0;s:25:"${BODY}";i:1;a:2:{` +
        `s:${STAMP.length}:"${STAMP}";s:37:"[{"busName":"messenger.bus.default"}]";s:4:"type";s:11:"OrderPlaced";}}`,
    )}`,
    'Sign-Algo': 'sha256',
  },
};

const setup = (symfony: boolean | 'body', secret = SECRET) =>
  signed({ signing: { secret }, transports: { async: { sign: { symfony } } } });

describe('what Symfony has signed', () => {
  it('is accepted where that is said', () => {
    expect(setup(true).decode(FROM_SYMFONY).message).toMatchObject({ orderId: 7 });
    expect(setup('body').decode(FROM_SYMFONY).message).toMatchObject({ orderId: 7 });
    expect(problemOf(setup(false).decode(FROM_SYMFONY))).toBe('missing');
  });

  it('is accepted with a body in bytes, and its headers in any order', () => {
    const headers = Object.fromEntries(Object.entries(FROM_SYMFONY.headers).reverse());

    expect(problemOf(setup(true).decode({ body: Buffer.from(BODY), headers }))).toBeUndefined();
  });

  it.each([
    ['another body', { ...FROM_SYMFONY, body: '{"orderId":8}' }, 'mismatch'],
    ['another type', withHeaders(FROM_SYMFONY, { type: 'OrderRefunded' }), 'mismatch'],
    ['another stamp', withHeaders(FROM_SYMFONY, { [STAMP]: '[]' }), 'mismatch'],
    ['a stamp less', withHeaders(FROM_SYMFONY, { [STAMP]: undefined }), 'mismatch'],
    ['a stamp more', withHeaders(FROM_SYMFONY, { 'X-Message-Stamp-X': '[]' }), 'mismatch'],
    ['a stamp of ours', withHeaders(FROM_SYMFONY, { 'X-Stamp-DelayStamp': '[{"delay":1}]' }), 'added-stamps'],
    ['no signature', withHeaders(FROM_SYMFONY, { 'Body-Sign': undefined }), 'mismatch'],
    [
      'a word that it was not verified',
      withHeaders(FROM_SYMFONY, { 'Sign-Trust': 'unverified' }),
      'mismatch',
    ],
    [
      'the older form in the place of the newer',
      withHeaders(FROM_SYMFONY, { 'Body-Sign': (FROM_SYMFONY.headers['Body-Sign'] ?? '').slice(3) }),
      'mismatch',
    ],
  ])('is refused with %s', (_name, forged, problem) => {
    expect(problemOf(setup(true).decode(forged))).toBe(problem);
    expect(problemOf(setup('body').decode(forged))).toBe(problem);
  });

  it('is refused with another secret', () => {
    expect(problemOf(setup(true, OTHER_SECRET).decode(FROM_SYMFONY))).toBe('mismatch');
  });

  it('may cover the body alone, if that is accepted', () => {
    const { [STAMP]: _, ...headers } = FROM_SYMFONY.headers;
    const older = { body: BODY, headers: { ...headers, 'Body-Sign': hmac(SECRET, BODY) } };

    expect(problemOf(setup('body').decode(older))).toBeUndefined();
    expect(problemOf(setup(true).decode(older))).toBe('mismatch');
    expect(problemOf(setup('body').decode({ ...older, body: '{}' }))).toBe('mismatch');
  });
});

describe('what is sent to a transport that Symfony reads', () => {
  it('has both signatures, and Symfony needs to know of its own only', () => {
    const { headers, body } = setup(true).encode(new OrderPlaced(7), [new MessageIdStamp('m')]);

    expect(headers['Body-Sign']).toBe(
      `v2:${hmac(hmac(SECRET, 'v2:'), `a:2:{i:0;s:13:"${String(body)}";i:1;a:1:{s:4:"type";s:11:"OrderPlaced";}}`)}`,
    );
    expect(headers['Sign-Algo']).toBe('sha256');
    expect(problemOf(setup(true).decode({ headers, body }))).toBeUndefined();
  });

  it('may have the older one', () => {
    const { headers, body } = setup('body').encode(new OrderPlaced(7));

    expect(headers['Body-Sign']).toBe(hmac(SECRET, String(body)));
  });

  it('is refused when ours is not good, even if the other one is', () => {
    const sent = setup(true).encode(new OrderPlaced(7), [new MessageIdStamp('m')]);

    expect(problemOf(setup(true).decode(withHeaders(sent, { 'X-Stamp-MessageIdStamp': '[]' })))).toBe(
      'mismatch',
    );
  });
});
