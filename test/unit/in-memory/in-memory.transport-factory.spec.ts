import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { UnknownOptionError } from '../../../lib/errors/unknown-option.error.js';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { MessageDecodingFailedStamp } from '../../../lib/stamp/message-decoding-failed.stamp.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { InMemoryTransportFactory } from '../../../lib/transports/in-memory/in-memory.transport-factory.js';

class Note {
  constructor(readonly text: string) {}
}

/** Knows notes only, and has never heard of the letter x. */
class NoteSerializer implements Serializer {
  encode({ message }: Envelope): EncodedEnvelope {
    return { body: (message as Note).text, headers: {} };
  }

  decode({ body }: EncodedEnvelope): Envelope {
    if (body === 'x') {
      throw new RangeError('x');
    }
    return new Envelope<object>(new Note(String(body)));
  }
}

function create(
  dsn: string,
  options: Record<string, unknown> = {},
  factory = new InMemoryTransportFactory(),
) {
  const context = { transportName: 'async', serializer: new NoteSerializer() };
  return factory.create(new Dsn(dsn, 'async'), options, context);
}

describe('InMemoryTransportFactory', () => {
  it('answers to "in-memory"', () => {
    expect(new InMemoryTransportFactory().schemes).toEqual(['in-memory']);
  });

  it.each(['in-memory://orders', 'in-memory:orders', 'in-memory:///', 'in-memory://orders?history=5'])(
    'refuses %s: two transports of one name would not share their messages',
    (dsn) => {
      expect(() => create(dsn)).toThrow(
        `Transport "async": the DSN "${dsn}" is not valid: nothing may follow "in-memory://" but options such as ` +
          '"?serialize=true"; each transport has messages of its own.',
      );
    },
  );

  it('keeps the objects themselves unless told to serialize', async () => {
    const message = new Note('a');
    const kept = create('in-memory://');
    await kept.send([new Envelope<object>(message)]);
    expect((await kept.get())[0]?.message).toBe(message);

    const serialized = create('in-memory://?serialize=true');
    await serialized.send([new Envelope<object>(message)]);
    const [received] = await serialized.get();
    expect(received?.message).not.toBe(message);
    expect(received?.message).toEqual(message);
  });

  it('reads a stored message anew for each delivery and each look at it', async () => {
    const transport = create('in-memory://?serialize=true');
    await transport.send([new Envelope<object>(new Note('a'))]);
    expect(transport.queue[0]?.message).not.toBe(transport.queue[0]?.message);
    expect(transport.sent[0]?.message).toEqual(new Note('a'));
  });

  it('hands out what the serializer cannot read as an "UndecodableMessage"', async () => {
    const transport = create('in-memory://?serialize=true');
    await transport.send([new Envelope<object>(new Note('x'))]);
    const [received] = await transport.get();
    expect(received?.message).toEqual(new UndecodableMessage({ body: 'x', headers: {} }));
    expect(received?.last(MessageDecodingFailedStamp)?.error.message).toContain('x');
  });

  it('measures the lease in seconds, an hour by default, and lets options win over the DSN', () => {
    expect(create('in-memory://').leaseDuration).toBe(3_600_000);
    expect(create('in-memory://?redeliver_timeout=60').leaseDuration).toBe(60_000);
    expect(create('in-memory://?redeliver_timeout=60', { redeliverTimeout: 0.25 }).leaseDuration).toBe(250);
  });

  it('gives its transports its clock', async () => {
    const clock = new FakeClock();
    const transport = create('in-memory://', {}, new InMemoryTransportFactory(clock));
    await transport.send([new Envelope<object>(new Note('a'), [new DelayStamp(1000)])]);
    expect(await transport.get()).toEqual([]);
    await clock.advance(1000);
    expect(await transport.get()).toHaveLength(1);
  });

  it('gives each transport messages of its own', async () => {
    const factory = new InMemoryTransportFactory();
    const [one, other] = [create('in-memory://', {}, factory), create('in-memory://', {}, factory)];
    await one.send([new Envelope<object>(new Note('a'))]);
    expect(await other.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });

  it.each([
    [
      'in-memory://?serialise=true',
      UnknownOptionError,
      'Transport "async": unknown option "serialise". Did you mean "serialize"?',
    ],
    [
      'in-memory://?serialize=maybe',
      InvalidOptionError,
      'Transport "async": option "serialize" must be true or false, got "maybe".',
    ],
    [
      'in-memory://?redeliver_timeout=0',
      InvalidOptionError,
      'option "redeliver_timeout" must be a number from 0.001 up, got "0".',
    ],
    ['in-memory://?history=-1', InvalidOptionError, 'option "history" must be a number from 0 up, got "-1".'],
  ])('refuses %s', (dsn, type, text) => {
    expect(() => create(dsn)).toThrow(type);
    expect(() => create(dsn)).toThrow(text);
  });
});
