import { describe, expect, it } from 'vitest';
import { AsStamp } from '../../../lib/decorator/as-stamp.decorator.js';
import { Stamp } from '../../../lib/envelope/stamp.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import { OpaqueStamp } from '../../../lib/serializer/opaque.stamp.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { DeduplicateStamp } from '../../../lib/stamp/deduplicate.stamp.js';
import { DeduplicationLockStamp } from '../../../lib/stamp/deduplication-lock.stamp.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import { SerializerStamp } from '../../../lib/stamp/serializer.stamp.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { ValidationStamp } from '../../../lib/stamp/validation.stamp.js';
import { Box, setup, thrownBy } from './serializer-setup.js';

@AsStamp('stamps.tenant')
class TenantStamp extends Stamp {
  readonly seen = new Set(['a']);

  constructor(
    readonly tenantId: bigint,
    readonly since: Date,
  ) {
    super();
  }

  get label(): string {
    return `tenant ${this.tenantId}`;
  }
}

class UnnamedStamp extends Stamp {}

const BUILT_IN: readonly Stamp[] = [
  new BusNameStamp('command'),
  new DeduplicateStamp('rebuild', 0.5, true),
  new DeduplicationLockStamp('async', '018f-token'),
  new DelayStamp(1500),
  new ErrorDetailsStamp('RangeError', 'E_RANGE', 'Too far.', new Date(1), 'host-1', {
    name: 'RangeError',
    message: 'Too far.',
    stack: 'at x',
    cause: { name: 'Error', message: 'before' },
  }),
  new ErrorDetailsStamp('Error', 0, 'No details.', new Date(2), 'host-2'),
  new MessageIdStamp('018f'),
  new RedeliveryStamp(2, new Date('2026-11-22T10:00:00.500Z')),
  new SentToFailureTransportStamp('async'),
  new SerializerStamp({ groups: ['a'], version: 2 }),
  new TransportNamesStamp(['a', 'b']),
  new ValidationStamp(['strict']),
];

describe('a stamp', () => {
  it.each(BUILT_IN.map((stamp) => [stamp.constructor.name, stamp] as const))(
    'of %s travels as it is',
    (_name, stamp) => {
      expect(setup().transferStamps(stamp)).toStrictEqual([stamp]);
    },
  );

  it('shares a header with others of its class, oldest first', () => {
    const { encode, transferStamps } = setup();
    const stamps = [new DelayStamp(1), new BusNameStamp('a'), new DelayStamp(2)];

    expect(encode(new Box(1), ...stamps).headers).toEqual({
      type: 'Box',
      'X-Stamp-DelayStamp': '[{"delay":1},{"delay":2}]',
      'X-Stamp-BusNameStamp': '[{"busName":"a"}]',
      'Content-Type': 'application/json',
    });
    expect(transferStamps(...stamps)).toEqual([new DelayStamp(1), new DelayStamp(2), new BusNameStamp('a')]);
  });

  it('that tells of a handled message leaves the result behind, whatever it is', () => {
    const { encode, transferStamps } = setup();
    const stamp = new HandledStamp(() => 'a result that cannot travel', 'Stock.reserve');

    expect(encode(new Box(1), stamp).headers['X-Stamp-HandledStamp']).toBe(
      '[{"handlerName":"Stock.reserve"}]',
    );
    expect(transferStamps(stamp)).toEqual([new HandledStamp(undefined, 'Stock.reserve')]);
  });

  it('of a decorated class travels under its name, by the rules for values', () => {
    const { encode, transferStamps } = setup();
    const stamp = new TenantStamp(7n, new Date(0));

    expect(JSON.parse(encode(new Box(1), stamp).headers['X-Stamp-stamps.tenant'] ?? '')).toEqual([
      { seen: { $set: ['a'] }, tenantId: { $bigint: '7' }, since: { $date: '1970-01-01T00:00:00.000Z' } },
    ]);
    expect(transferStamps(stamp)).toStrictEqual([stamp]);
    expect((transferStamps(stamp)[0] as TenantStamp).label).toBe('tenant 7');
  });

  it('of a class without a name is refused, with the decorator to add', () => {
    const error = thrownBy(() => setup().encode(new Box(1), new UnnamedStamp()));

    expect(error).toBeInstanceOf(MessageEncodingFailedError);
    expect(error.message).toBe(
      `Message "Box" cannot be encoded: its stamp "UnnamedStamp" has no name to travel under. Decorate the class with ` +
        `@AsStamp('…'), or let it extend NonSendableStamp if it shall stay in this process.`,
    );
  });

  it('of a class whose name another class holds is refused', () => {
    const define = (): new () => Stamp => {
      @AsStamp('stamps.reloaded')
      class ReloadedStamp extends Stamp {}
      return ReloadedStamp;
    };
    const [Old, New] = [define(), define()];

    expect(() => setup().encode(new Box(1), new New())).not.toThrow();
    expect(() => setup().encode(new Box(1), new Old())).toThrow(
      'its stamp "ReloadedStamp" has the name "stamps.reloaded" in common with another class, which is the one known here.',
    );
  });

  it('does not lend its name to a subclass', () => {
    class SpecialDelay extends DelayStamp {}

    expect(() => setup().encode(new Box(1), new SpecialDelay(1))).toThrow(
      'its stamp "SpecialDelay" has no name',
    );
  });

  it('keeps a field named "constructor" from hiding its class no more than any other object', () => {
    const { decode } = setup();

    const [stamp] = decode('{}', 'Box', { 'X-Stamp-BusNameStamp': '[{"busName":"a","constructor":1}]' }).all(
      BusNameStamp,
    );

    expect(stamp).toStrictEqual(new BusNameStamp('a'));
  });
});

describe('a stamp of an unknown name', () => {
  const json = '[ {"id":1.0, "$new":{"$tag":[]}} ]';

  it('is kept, and sent on as it came', () => {
    const { serializer, decode } = setup();

    const envelope = decode('{"content":1}', 'Box', { 'X-Stamp-future': json });

    expect(envelope.all(OpaqueStamp)).toEqual([new OpaqueStamp('future', json)]);
    expect(serializer.encode(envelope).headers['X-Stamp-future']).toBe(json);
  });

  it('precedes stamps that were added under its name since', () => {
    const { encode } = setup();

    const { headers } = encode(
      new Box(1),
      new OpaqueStamp('BusNameStamp', '[{"busName":"a"}]'),
      new BusNameStamp('b'),
    );

    expect(headers['X-Stamp-BusNameStamp']).toBe('[{"busName":"a"},{"busName":"b"}]');
  });

  it('may be called anything', () => {
    const { serializer, decode } = setup();

    const envelope = decode('{"content":1}', 'Box', { 'X-Stamp-__proto__': '[{}]', 'X-Stamp-': '[1]' });

    expect(serializer.encode(envelope).headers).toMatchObject({
      'X-Stamp-__proto__': '[{}]',
      'X-Stamp-': '[1]',
    });
  });

  it('is dropped when there is none in its list', () => {
    expect(setup().decode('{}', 'Box', { 'X-Stamp-future': '[]' }).all(OpaqueStamp)).toEqual([]);
  });
});
