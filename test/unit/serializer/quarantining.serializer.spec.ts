import { describe, expect, it } from 'vitest';
import { AsStamp } from '../../../lib/decorator/as-stamp.decorator.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { Stamp } from '../../../lib/envelope/stamp.js';
import { MessageDecodingFailedError } from '../../../lib/errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import { UnknownMessageTypeError } from '../../../lib/errors/unknown-message-type.error.js';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import { OpaqueStamp } from '../../../lib/serializer/opaque.stamp.js';
import { QuarantiningSerializer } from '../../../lib/serializer/quarantining.serializer.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { MessageDecodingFailedStamp } from '../../../lib/stamp/message-decoding-failed.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import { SerializedMessageStamp } from '../../../lib/stamp/serialized-message.stamp.js';
import { Box, setup as createSerializer, thrownBy } from './serializer-setup.js';

@AsStamp('quarantine.note')
class NoteStamp extends Stamp {
  constructor(readonly text: string) {
    super();
  }
}

class Late {
  constructor(readonly a: number) {}
}

/** A serializer of the user's that does as it is told. */
class ScriptedSerializer implements Serializer {
  constructor(
    readonly encode: Serializer['encode'],
    readonly decode: Serializer['decode'] = () => new Envelope(new Box(1)),
  ) {}
}

const HISTORY: readonly Stamp[] = [
  new SentToFailureTransportStamp('async'),
  new ErrorDetailsStamp('E', 0, 'first ☃', new Date(1), 'host'),
  new ErrorDetailsStamp('E', 1, 'second', new Date(2), 'host'),
  new RedeliveryStamp(0, new Date(3)),
  new DelayStamp(5),
  new NoteStamp('seen'),
];

function setup() {
  const { serializer, dependencies, registry } = createSerializer();
  return { registry, serializer: new QuarantiningSerializer(serializer, dependencies) };
}

function scripted(encode: () => unknown, decode: () => unknown = encode): QuarantiningSerializer {
  return new QuarantiningSerializer(
    new ScriptedSerializer(encode as Serializer['encode'], decode as Serializer['decode']),
  );
}

const unreadable: EncodedEnvelope = {
  body: new Uint8Array([0xff, 0x00, 0x7b]),
  headers: { type: 'Late', 'X-Stamp-BusNameStamp': '[{"busName":"command"}]', 'X-Trace': 'abc' },
};

describe('QuarantiningSerializer', () => {
  it('leaves what works to the inner serializer', () => {
    const { serializer } = setup();

    const encoded = serializer.encode(new Envelope(new Box(1), [new DelayStamp(1)]));

    expect(encoded).toEqual({
      body: '{"content":1}',
      headers: { type: 'Box', 'X-Stamp-DelayStamp': '[{"delay":1}]', 'Content-Type': 'application/json' },
    });
    expect(serializer.decode(encoded).all()).toEqual([
      new DelayStamp(1),
      new SerializedMessageStamp('{"content":1}', encoded.headers),
    ]);
  });

  it('turns what cannot be decoded into a message that holds it, with the reason beside it', () => {
    const { serializer } = setup();

    const envelope = serializer.decode(unreadable);

    expect(envelope.message).toBeInstanceOf(UndecodableMessage);
    expect((envelope.message as UndecodableMessage).encoded).toBe(unreadable);
    expect(envelope.all()).toHaveLength(1);
    expect(envelope.last(MessageDecodingFailedStamp)?.error).toBeInstanceOf(UnknownMessageTypeError);
  });

  it('encodes such a message as it came', () => {
    const { serializer } = setup();

    const encoded = serializer.encode(serializer.decode(unreadable).with(new ReceivedStamp('async')));

    expect(encoded.body).toBe(unreadable.body);
    expect(encoded.headers).toEqual(unreadable.headers);
  });

  it('keeps the stamps such a message gets in one header more, and restores them', () => {
    const { serializer } = setup();

    const encoded = serializer.encode(serializer.decode(unreadable).with(...HISTORY));
    const { 'X-Quarantine': lists, ...others } = encoded.headers;
    const again = serializer.decode(encoded);

    expect(encoded.body).toBe(unreadable.body);
    expect(others).toEqual(unreadable.headers);
    expect(JSON.parse(lists ?? '')).toMatchObject({
      SentToFailureTransportStamp: [{ originalReceiverName: 'async' }],
      ErrorDetailsStamp: [{ errorMessage: 'first ☃' }, { errorMessage: 'second' }],
      'quarantine.note': [{ text: 'seen' }],
    });
    expect((again.message as UndecodableMessage).encoded).toEqual(unreadable);
    expect(again.without(MessageDecodingFailedStamp).all()).toStrictEqual(HISTORY);
  });

  it('neither adds to nor loses from that header however often the message travels', () => {
    const { serializer } = setup();
    const first = serializer.encode(serializer.decode(unreadable).with(...HISTORY));

    const second = serializer.encode(serializer.decode(serializer.encode(serializer.decode(first))));

    expect(second).toEqual(first);
  });

  it('restores the stamps beside those of the message once it can be decoded', () => {
    const { serializer, registry } = setup();
    const encoded: EncodedEnvelope = { ...unreadable, body: '{"a":1}' };
    const quarantined = serializer.encode(serializer.decode(encoded).with(...HISTORY));

    registry.register(Late);
    const envelope = serializer.decode(quarantined);

    expect(envelope.message).toEqual(new Late(1));
    expect(envelope.all()).toStrictEqual([
      new BusNameStamp('command'),
      new SerializedMessageStamp('{"a":1}', encoded.headers),
      ...HISTORY,
    ]);
    const sentOn = serializer.encode(envelope);
    expect(sentOn.headers).not.toHaveProperty('X-Quarantine');
    expect(sentOn.headers).toHaveProperty('X-Stamp-quarantine.note', '[{"text":"seen"}]');
  });

  it('does not show that header to the inner serializer', () => {
    const seen: Array<readonly string[]> = [];
    const serializer = scripted(() => ({ body: '', headers: {} }), ((encoded: EncodedEnvelope) => {
      seen.push(Object.keys(encoded.headers));
      return new Envelope(new Box(1));
    }) as () => unknown);

    serializer.decode({ body: '', headers: { a: '1', 'X-Quarantine': '{"future":[1]}' } });

    expect(seen).toEqual([['a']]);
  });

  it('keeps stamps of an unknown name there, too', () => {
    const { serializer } = setup();
    const encoded = {
      ...unreadable,
      headers: { ...unreadable.headers, 'X-Quarantine': '{"future":[{"a":1}]}' },
    };

    const envelope = serializer.decode(encoded);

    expect(envelope.all(OpaqueStamp)).toEqual([new OpaqueStamp('future', '[{"a":1}]')]);
    expect(serializer.encode(envelope)).toEqual(encoded);
  });

  it.each([
    ['{'],
    ['[]x'],
    ['null'],
    ['7'],
    ['{"DelayStamp":{}}'],
    ['{"DelayStamp":[{"delay":-1}]}'],
    [''],
    ['['.repeat(9999)],
  ])('takes a message whose header of stamps is broken (%#) for one that cannot be decoded', (lists) => {
    const { serializer } = setup();
    const encoded = { body: '{"content":1}', headers: { type: 'Box', 'X-Quarantine': lists } };

    const envelope = serializer.decode(encoded);

    expect((envelope.message as UndecodableMessage).encoded).toBe(encoded);
    expect(envelope.last(MessageDecodingFailedStamp)?.error).toBeInstanceOf(MessageDecodingFailedError);
  });

  it.each([
    ['nothing', () => undefined],
    ['an object that is no envelope', () => ({ message: {} })],
    ['a promise', () => Promise.reject(new RangeError('late'))],
  ])('takes %s from decode() of the inner serializer for a failure', (_name, result) => {
    const envelope = scripted(result).decode(unreadable);

    expect((envelope.message as UndecodableMessage).encoded).toBe(unreadable);
    expect(envelope.last(MessageDecodingFailedStamp)?.error.message).toBe(
      'decode() of the serializer must return an envelope, and not a promise.',
    );
  });

  it.each([
    ['null', new Envelope(null as unknown as object), 'with an object as its message, and not null.'],
    ['a text', new Envelope('a' as unknown as object), 'and not a value of type "string".'],
    ['a stamp that is none', new Envelope({}, [{} as Stamp]), 'whose stamps are a list of instances'],
    ['no list of stamps', new Envelope({}, 7 as unknown as Stamp[]), 'whose stamps are a list of instances'],
  ])('takes %s in an envelope of the inner serializer for a failure', (_name, result, reason) => {
    const envelope = scripted(() => result).decode(unreadable);

    expect((envelope.message as UndecodableMessage).encoded).toBe(unreadable);
    expect(envelope.last(MessageDecodingFailedStamp)?.error).toBeInstanceOf(MessageDecodingFailedError);
    expect(envelope.last(MessageDecodingFailedStamp)?.error.message).toContain(reason);
  });

  it.each([
    ['nothing', () => undefined],
    ['no headers', () => ({ body: '' })],
    ['a body that is no text', () => ({ body: 1, headers: {} })],
    ['a header that is no text', () => ({ body: '', headers: { a: 1 } })],
    ['a promise', () => Promise.reject(new RangeError('late'))],
  ])('refuses %s from encode() of the inner serializer', (_name, result) => {
    const error = thrownBy(() => scripted(result).encode(new Envelope(new Box(1))));

    expect(error).toBeInstanceOf(MessageEncodingFailedError);
    expect(error.message).toContain(
      'Message "Box" cannot be encoded: encode() of the serializer must return a body',
    );
  });

  it.each([
    ['an error', new RangeError('Out of range.'), 'Out of range.'],
    ['a text', 'just a text', 'just a text'],
    ['nothing', undefined, 'undefined'],
    ['an object without prototype', Object.create(null), 'it threw something that cannot be shown.'],
  ])('reports %s that the inner serializer throws', (_name, thrown, text) => {
    const serializer = scripted(() => {
      throw thrown;
    });

    const encoding = thrownBy(() => serializer.encode(new Envelope(new Box(1))));
    const decoding = serializer.decode(unreadable).last(MessageDecodingFailedStamp)?.error;

    expect(encoding).toBeInstanceOf(MessageEncodingFailedError);
    expect(encoding.message).toBe(`Message "Box" cannot be encoded: the serializer failed: ${text}`);
    expect(encoding.cause).toBe(thrown);
    expect(decoding).toBeInstanceOf(MessageDecodingFailedError);
    expect(decoding?.message).toBe(`The serializer failed: ${text}`);
    expect(decoding?.cause).toBe(thrown);
  });

  it('passes errors of the right class on as they are', () => {
    const encodingFailed = new MessageEncodingFailedError('Box', 'no.');
    const decodingFailed = new MessageDecodingFailedError('No.');
    const throwing = (error: Error) => () => {
      throw error;
    };
    const serializer = scripted(throwing(encodingFailed), throwing(decodingFailed));

    expect(thrownBy(() => serializer.encode(new Envelope(new Box(1))))).toBe(encodingFailed);
    expect(serializer.decode(unreadable).last(MessageDecodingFailedStamp)?.error).toBe(decodingFailed);
  });

  it('does not throw, whatever it is given to decode', () => {
    const { serializer } = setup();

    for (const encoded of [undefined, null, {}, { body: '{}' }, { headers: null }]) {
      expect(serializer.decode(encoded as unknown as EncodedEnvelope).message).toBeInstanceOf(
        UndecodableMessage,
      );
    }
  });

  it('refuses to quarantine a stamp that cannot travel', () => {
    class UnnamedStamp extends Stamp {}
    const { serializer } = setup();

    expect(() => serializer.encode(serializer.decode(unreadable).with(new UnnamedStamp()))).toThrow(
      'its stamp "UnnamedStamp" has no name to travel under.',
    );
  });
});
