import { describe, expect, it } from 'vitest';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { MessageDecodingFailedError } from '../../../lib/errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import { UnknownMessageTypeError } from '../../../lib/errors/unknown-message-type.error.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { SerializedMessageStamp } from '../../../lib/stamp/serialized-message.stamp.js';
import { OrderPlaced, setup, thrownBy } from './serializer-setup.js';

@AsMessage({ name: 'invoice.sent', aliases: ['billing.invoice'] })
class InvoiceSent {
  constructor(readonly invoiceId: number) {}
}

abstract class Event {
  readonly source = 'shop';
}

class Registered extends Event {
  static readonly version = 2;
  private readonly token = 'abc';

  constructor(readonly email: string) {
    super();
  }

  get domain(): string {
    return this.email.split('@')[1] ?? '';
  }

  reveal(): string {
    return this.token;
  }
}

describe('JsonSerializer', () => {
  const at = new Date('2026-11-22T10:00:00.123Z');

  it('writes the name of the message first and the content type last', () => {
    const { encode } = setup();

    const encoded = encode(new OrderPlaced(7, 'Ada', at), new BusNameStamp('command'));

    expect(encoded.body).toBe(
      '{"orderId":7,"customer":"Ada","placedAt":{"$date":"2026-11-22T10:00:00.123Z"}}',
    );
    expect(Object.entries(encoded.headers)).toEqual([
      ['type', 'OrderPlaced'],
      ['X-Stamp-BusNameStamp', '[{"busName":"command"}]'],
      ['Content-Type', 'application/json'],
    ]);
  });

  it('restores a message as an instance of its class, without calling the constructor', () => {
    let constructed = 0;
    class Counted {
      readonly numbers = [1, 2];
      constructor() {
        constructed++;
      }
    }
    const { transfer } = setup({ messages: [Counted] });

    const message = transfer(new Counted());

    expect(message).toBeInstanceOf(Counted);
    expect(message.numbers).toEqual([1, 2]);
    expect(constructed).toBe(1);
  });

  it('carries inherited and private fields, and neither getters nor static fields', () => {
    const { encode, transfer } = setup({ messages: [Registered] });

    expect(encode(new Registered('ada@example.org')).body).toBe(
      '{"source":"shop","email":"ada@example.org","token":"abc"}',
    );
    const message = transfer(new Registered('ada@example.org'));
    expect(message.domain).toBe('example.org');
    expect(message.reveal()).toBe('abc');
  });

  it('does not let a received field hide a method or an accessor of the class', () => {
    const { decode } = setup({ messages: [Registered] });

    const { message } = decode('{"email":"a@b.c","token":"t","domain":"evil","reveal":1}', 'Registered');

    expect((message as Registered).domain).toBe('b.c');
    expect((message as Registered).reveal()).toBe('t');
    expect(Object.keys(message)).toEqual(['email', 'token']);
  });

  it('uses the name of @AsMessage, and accepts its aliases', () => {
    const { encode, decode } = setup({ messages: [InvoiceSent] });

    expect(encode(new InvoiceSent(1)).headers['type']).toBe('invoice.sent');
    expect(decode('{"invoiceId":1}', 'invoice.sent').message).toEqual(new InvoiceSent(1));
    expect(decode('{"invoiceId":2}', 'billing.invoice').message).toBeInstanceOf(InvoiceSent);
  });

  it('encodes a message whose class is not registered', () => {
    class Unregistered {
      readonly a = 1;
    }

    expect(setup().encode(new Unregistered())).toMatchObject({
      body: '{"a":1}',
      headers: { type: 'Unregistered' },
    });
  });

  it('refuses a message that would travel under the name of another class', () => {
    const Impostor = { OrderPlaced: class OrderPlaced {} }.OrderPlaced;

    const error = thrownBy(() => setup().encode(new Impostor()));

    expect(error).toBeInstanceOf(MessageEncodingFailedError);
    expect((error.cause as Error).message).toContain('Two message classes, "OrderPlaced" and "OrderPlaced"');
  });

  it('keeps the body it received, and sends the identical bytes again', () => {
    const { serializer } = setup();
    const body = ' { "orderId" : 7, "unknown": [1.0] } ';

    const received = serializer.decode({ body, headers: { type: 'OrderPlaced' } });

    expect(received.last(SerializedMessageStamp)?.body).toBe(body);
    expect(serializer.encode(received).body).toBe(body);
  });

  it('reads a body of bytes, and sends the same bytes again', () => {
    const { serializer } = setup();
    const body = new TextEncoder().encode('{"content":"☃ é 😀"}');

    const received = serializer.decode({ body, headers: { type: 'Box' } });

    expect(received.message).toMatchObject({ content: '☃ é 😀' });
    expect(serializer.encode(received).body).toBe(body);
  });

  it('reads what the JSON serializer of Symfony wrote', () => {
    @AsMessage({ name: String.raw`App\Message\KitchenOpened` })
    class KitchenOpened {
      readonly note!: string | null;
      readonly lines!: readonly unknown[];
    }
    const { decode } = setup({ messages: [KitchenOpened] });
    const headers = {
      [String.raw`X-Message-Stamp-Symfony\Component\Messenger\Stamp\BusNameStamp`]:
        '[{"busName":"messenger.bus.default"}]',
      'Content-Type': 'application/json',
    };

    const envelope = decode(
      String.raw`{"note":null,"lines":[{"sku":"A\/1","name":"\u00e9\ud83d\ude00"}],"at":"2024-05-06T07:08:09+02:00"}`,
      String.raw`App\Message\KitchenOpened`,
      headers,
    );

    expect(envelope.message).toBeInstanceOf(KitchenOpened);
    expect(envelope.message).toEqual({
      note: null,
      lines: [{ sku: 'A/1', name: 'é😀' }],
      at: '2024-05-06T07:08:09+02:00',
    });
    expect(envelope.all(BusNameStamp)).toEqual([]);
    expect(decode('[]', String.raw`App\Message\KitchenOpened`).message).toEqual({});
  });

  it('ignores headers that are no business of its own', () => {
    const { decode } = setup();

    const headers = { traceparent: '00-1-2-00', 'X-Trace': 'not JSON', 'x-stamp-a': '{' };
    const envelope = decode('{"content":1}', 'Box', headers);

    expect(envelope.all()).toEqual([
      new SerializedMessageStamp('{"content":1}', { type: 'Box', ...headers }),
    ]);
  });

  it('leaves stamps that are not sendable behind', () => {
    const { encode } = setup();

    const { headers } = encode(new OrderPlaced(1, 'a', at), new ReceivedStamp('async'));

    expect(Object.keys(headers)).toEqual(['type', 'Content-Type']);
  });

  it('names the types it knows when it does not know one, and not all of many', () => {
    const many = Array.from(
      { length: 30 },
      (_, at) => ({ [`Kind${at + 10}`]: class {} })[`Kind${at + 10}`] ?? Object,
    );
    const { decode } = setup({ messages: many });

    const error = thrownBy(() => decode('{}', 'x'.repeat(1000)));

    expect(error).toBeInstanceOf(UnknownMessageTypeError);
    expect(error).toBeInstanceOf(MessageDecodingFailedError);
    expect(error.message).toContain('Known types: "Box", "Kind10", "Kind11"');
    expect(error.message).toContain('and 12 more');
    expect(error.message.length).toBeLessThan(1000);
  });

  it('looks a type up in the registry before it reads anything else', () => {
    const { serializer } = setup();
    const headers = { type: 'constructor', 'X-Stamp-BusNameStamp': '{' };

    expect(() => serializer.decode({ body: '{', headers })).toThrow(
      'Message type "constructor" is not known here.',
    );
  });

  it('decodes the same bytes twice into two messages', () => {
    const { serializer, encode } = setup();
    const encoded = encode(new OrderPlaced(1, 'a', at));

    const [first, second]: readonly Envelope[] = [serializer.decode(encoded), serializer.decode(encoded)];

    expect(first?.message).toEqual(second?.message);
    expect(first?.message).not.toBe(second?.message);
  });
});
