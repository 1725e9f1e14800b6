import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import { MAX_QUARANTINE_SIZE } from '../../../lib/serializer/quarantine-header.js';
import { QuarantiningSerializer } from '../../../lib/serializer/quarantining.serializer.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { MessageDecodingFailedStamp } from '../../../lib/stamp/message-decoding-failed.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { SerializedMessageStamp } from '../../../lib/stamp/serialized-message.stamp.js';
import { Box, setup as createSerializer } from './serializer-setup.js';

const SMALLEST_MAX_STAMPS_SIZE = 65_536;
const MIB = 1024 * 1024;

/** Reads a format of its own and adds no stamp; writes something else than it reads. */
class ForeignSerializer implements Serializer {
  encode(): EncodedEnvelope {
    return { body: 'written', headers: {} };
  }

  decode(): Envelope {
    return new Envelope<object>(new Box('foreign'));
  }
}

const foreign: EncodedEnvelope = { body: new Uint8Array([8, 1]), headers: { kind: 'protobuf' } };

function setup() {
  const options = { maxStampsSize: SMALLEST_MAX_STAMPS_SIZE };
  const { serializer, dependencies } = createSerializer({ options });
  return {
    serializer: new QuarantiningSerializer(serializer, dependencies),
    ofForeign: new QuarantiningSerializer(new ForeignSerializer(), dependencies),
  };
}

function asReceived({ body, headers = {} }: SerializedMessageStamp, ...stamps: readonly Stamp[]): Envelope {
  return new Envelope(new UndecodableMessage({ body, headers }), stamps);
}

function failure(text: string): ErrorDetailsStamp {
  return new ErrorDetailsStamp('E', 0, text, new Date(1), 'host');
}

describe('what the quarantining serializer keeps of a message that it received', () => {
  it('is all of it, from a serializer that keeps nothing itself', () => {
    const { ofForeign } = setup();
    const headers = { ...foreign.headers, 'X-Quarantine': '{"RedeliveryStamp":[]}' };

    const stamp = ofForeign.decode({ ...foreign, headers }).last(SerializedMessageStamp);

    expect(stamp).toEqual(new SerializedMessageStamp(foreign.body, foreign.headers, false));
  });

  it('is completed with the headers, from a serializer that keeps only the body', () => {
    const kept = new SerializedMessageStamp('its own');
    const inner: Serializer = {
      encode: () => foreign,
      decode: () => new Envelope(new Box(1), [kept]),
    };

    const stamps = new QuarantiningSerializer(inner).decode(foreign).all(SerializedMessageStamp);

    expect(stamps).toEqual([new SerializedMessageStamp('its own', foreign.headers)]);
  });

  it('is not taken by the JSON serializer for JSON when it comes from another', () => {
    const { serializer, ofForeign } = setup();

    const { body } = serializer.encode(ofForeign.decode(foreign));

    expect(body).toBe('{"content":"foreign"}');
  });

  it('can be stored as it came, and is an ordinary message with its new stamps again after that', () => {
    const { serializer } = setup();
    const received = serializer.encode(new Envelope(new Box(1), [new BusNameStamp('x'.repeat(65_000))]));
    const stamp = serializer.decode(received).last(SerializedMessageStamp);
    const added = [new RedeliveryStamp(1, new Date(3)), failure('e'.repeat(2000))];

    const stored = serializer.encode(asReceived(stamp as SerializedMessageStamp, ...added));
    const restored = serializer.decode(stored);

    expect(stored.body).toBe(received.body);
    expect(stored.headers).toMatchObject(received.headers);
    expect(restored.message).toEqual(new Box(1));
    expect(restored.last(SerializedMessageStamp)?.headers).toEqual(received.headers);
    expect(restored.all().slice(-2)).toEqual(added);
  });
});

describe('the header of a message in quarantine', () => {
  const unreadable = asReceived(new SerializedMessageStamp('{', { type: 'Box' }));

  it('may hold more than the stamps of an ordinary message', () => {
    const { serializer } = setup();
    const stamps = [new BusNameStamp('x'.repeat(SMALLEST_MAX_STAMPS_SIZE)), failure('y'.repeat(MIB))];

    const restored = serializer.decode(serializer.encode(unreadable.with(...stamps)));

    expect(restored.without(MessageDecodingFailedStamp).all()).toEqual(stamps);
  });

  it('loses the oldest errors, and nothing else, when it has too much to hold', () => {
    const { serializer } = setup();
    const errors = ['a', 'b', 'c', 'd'].map((text) => failure(text.repeat(3 * MIB)));
    const redelivery = new RedeliveryStamp(1, new Date(3));

    const encoded = serializer.encode(unreadable.with(redelivery, ...errors));
    const restored = serializer.decode(encoded);

    expect(restored.all(ErrorDetailsStamp)).toEqual(errors.slice(2));
    expect(restored.all(RedeliveryStamp)).toEqual([redelivery]);
  });

  it('is written up to the size that is read, and not beyond', () => {
    const { serializer } = setup();
    const room = MAX_QUARANTINE_SIZE - '{"BusNameStamp":[{"busName":""}]}'.length;
    const fits = new BusNameStamp('x'.repeat(room));
    const tooMuch = new BusNameStamp('x'.repeat(room + 1));

    expect(serializer.decode(serializer.encode(unreadable.with(fits))).last(BusNameStamp)).toEqual(fits);
    expect(() => serializer.encode(unreadable.with(tooMuch))).toThrow(
      `its stamps have ${MAX_QUARANTINE_SIZE + 1} characters, and header "X-Quarantine" allows ${MAX_QUARANTINE_SIZE}.`,
    );
  });

  it('is not read beyond that size', () => {
    const { serializer } = setup();
    const headers = { type: 'Box', 'X-Quarantine': ' '.repeat(MAX_QUARANTINE_SIZE + 1) };

    const envelope = serializer.decode({ body: '{"content":1}', headers });

    expect(envelope.last(MessageDecodingFailedStamp)?.error.message).toBe(
      `Header "X-Quarantine" cannot be decoded: it has ${MAX_QUARANTINE_SIZE + 1} characters, and ${MAX_QUARANTINE_SIZE} are allowed.`,
    );
  });

  it('does not take the place of one that cannot be read, which stays under another name', () => {
    const { serializer } = setup();
    const received = { body: '{', headers: { type: 'Box', 'X-Quarantine': 'garbage' } };

    const moved = serializer.encode(serializer.decode(received).with(failure('e')));
    const spoilt = { ...moved, headers: { ...moved.headers, 'X-Quarantine': 'again' } };
    const movedAgain = serializer.encode(serializer.decode(spoilt).with(failure('f')));

    expect(moved.headers).toMatchObject({ type: 'Box', 'X-Quarantine-Unreadable': 'garbage' });
    expect(serializer.decode(moved).all(ErrorDetailsStamp)).toEqual([failure('e')]);
    expect(movedAgain.headers).toMatchObject({
      'X-Quarantine-Unreadable': 'garbage',
      'X-Quarantine-Unreadable-Unreadable': 'again',
    });
    expect(serializer.decode(movedAgain).all(ErrorDetailsStamp)).toEqual([failure('f')]);
  });
});
