import { describe, expect, it } from 'vitest';
import { Envelope } from '../../lib/envelope/envelope.js';
import { MessageRegistry } from '../../lib/message/message-registry.js';
import { UndecodableMessage } from '../../lib/message/undecodable-message.js';
import { SignedTypes } from '../../lib/serializer/signing/signed-types.js';
import type { Serializer } from '../../lib/serializer/serializer.js';
import { ErrorDetailsStamp } from '../../lib/stamp/error-details.stamp.js';
import { HandledStamp } from '../../lib/stamp/handled.stamp.js';
import { OrderPlaced, OrderRefunded, problemOf, SECRET, signed, withHeaders } from './support/signed.js';

class RunReport {
  constructor(readonly name: string) {}
}

class RunLargeReport extends RunReport {}

/** "plain" signs nothing of itself. */
const setup = (inner?: Serializer) =>
  signed({
    transports: { plain: {}, other: {} },
    signing: { secret: SECRET, messages: [RunReport] },
    knows: [OrderPlaced, RunReport, RunLargeReport],
    ...(inner !== undefined && { inner }),
  });

describe('a type that has to be signed', () => {
  it.each([new RunReport('sales'), new RunLargeReport('sales')])(
    'is signed on a transport that signs nothing else, and refused without: %o',
    (message) => {
      const app = setup();
      const sent = app.encode(message, [], 'plain');

      expect(app.decode(sent, 'plain').message).toEqual(message);
      expect(problemOf(app.decode(withHeaders(sent, { 'X-Signature': undefined }), 'plain'))).toBe('missing');
      expect(problemOf(app.decode({ ...sent, body: '{"name":"all"}' }, 'plain'))).toBe('mismatch');
      expect(problemOf(app.decode(sent, 'other'))).toBe('other-transport');
    },
  );

  it('costs other types nothing, and does not refuse them', () => {
    const app = setup();
    const sent = app.encode(new OrderPlaced(1), [], 'plain');

    expect(Object.keys(sent.headers)).toEqual(['type', 'Content-Type']);
    expect(problemOf(app.decode(sent, 'plain'))).toBeUndefined();
  });

  it('cannot be made of another one that is signed', () => {
    const app = setup();
    const signedOrder = app.encode(new OrderPlaced(1));

    expect(problemOf(app.decode(withHeaders(signedOrder, { type: 'RunReport' }), 'plain'))).toBe('mismatch');
    expect(problemOf(app.decode(withHeaders(signedOrder, { type: 'RunReport' })))).toBe('mismatch');
  });

  it('is recognized in whatever a serializer makes of a message that does not say its type', () => {
    const inner: Serializer = {
      encode: () => ({ body: 'report', headers: {} }),
      decode: () => new Envelope<object>(new RunReport('all')),
    };
    const app = setup(inner);
    const sent = app.encode(new RunReport('sales'), [], 'plain');

    expect(problemOf(app.decode({ body: 'report', headers: {} }, 'plain'))).toBe('missing');
    expect(problemOf(app.decode({ body: 'report', headers: { type: 'OrderPlaced' } }, 'plain'))).toBe(
      'missing',
    );
    // It does not say that it has to be verified, so nobody has verified it.
    expect(problemOf(app.decode(sent, 'plain'))).toBe('missing');
    expect(problemOf(app.decode(app.encode(new RunReport('sales'))))).toBeUndefined();
  });

  it('gets no stamps of a quarantine that nobody has sealed', () => {
    const app = setup();
    const sent = app.encode(new RunReport('sales'), [], 'plain');
    const forged = withHeaders(sent, {
      'X-Quarantine': '{"HandledStamp":[{"handlerName":"RunReportHandler"}]}',
    });

    const received = app.decode(forged, 'plain');

    expect(problemOf(received)).toBe('added-stamps');
    expect(received.has(HandledStamp)).toBe(false);
    expect(received.message).toEqual(new UndecodableMessage(forged));
  });

  it('gets none later either, when it was not known at first', () => {
    const before = signed({ transports: { plain: {} }, knows: [OrderPlaced] });
    const app = setup();
    const forged = withHeaders(app.encode(new RunReport('sales'), [], 'plain'), {
      'X-Quarantine': '{"HandledStamp":[{"handlerName":"RunReportHandler"}]}',
    });
    const unknown = before.decode(forged, 'plain');
    const failure = new ErrorDetailsStamp('E', 0, 'not known', new Date(1), 'host');

    const copy = before.of('plain').encode(unknown.with(failure));

    expect(problemOf(app.decode(copy, 'plain'))).toBe('added-stamps');
  });

  it('may be given by name or pattern', () => {
    const registry = new MessageRegistry();
    [RunReport, RunLargeReport, OrderPlaced, OrderRefunded].forEach((type) => registry.register(type));
    const types = new SignedTypes(registry);
    expect(types.include(RunReport)).toBe(false);

    types.add('Run*');

    expect([RunReport, RunLargeReport, OrderPlaced].map((type) => types.include(type))).toEqual([
      true,
      true,
      false,
    ]);
    expect(['RunReport', 'RunNothing', 'Order', 7].map((name) => types.includeName(name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    types.add('*');
    expect(types.include(OrderPlaced)).toBe(true);
  });
});
