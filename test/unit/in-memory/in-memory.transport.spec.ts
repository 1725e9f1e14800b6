import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { Stamp } from '../../../lib/envelope/stamp.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { MessageDecodingFailedStamp } from '../../../lib/stamp/message-decoding-failed.stamp.js';
import { SentStamp } from '../../../lib/stamp/sent.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';

class Note {
  constructor(readonly text: string) {}
}

class LabelStamp extends Stamp {}

const note = (text: string, ...stamps: readonly Stamp[]): Envelope =>
  new Envelope<object>(new Note(text), stamps);

const texts = (envelopes: readonly Envelope[]): string[] =>
  envelopes.map(({ message }) => (message as Note).text);

function setup() {
  const clock = new FakeClock();
  return { clock, transport: new InMemoryTransport({ clock, transportName: 'async' }) };
}

describe('InMemoryTransport', () => {
  it('can be made without arguments', async () => {
    const transport = new InMemoryTransport();
    await transport.send([note('a')]);
    expect(texts(await transport.get())).toEqual(['a']);
  });

  it('tells what was sent, what waits, and what was settled how', async () => {
    const { transport } = setup();
    await transport.send([note('a'), note('b'), note('c'), note('later', new DelayStamp(1000))]);
    const [a, b, c] = await transport.get({ max: 3 });
    await transport.ack([a!]);
    await transport.reject([b!]);

    expect(texts(transport.sent)).toEqual(['a', 'b', 'c', 'later']);
    expect(texts(transport.acknowledged)).toEqual(['a']);
    expect(texts(transport.rejected)).toEqual(['b']);
    expect(texts(transport.queue)).toEqual(['c', 'later']);
    expect(transport.sent.map((envelope) => envelope.last(TransportMessageIdStamp)?.id)).toEqual([
      '1',
      '2',
      '3',
      '4',
    ]);
    expect(c).toBeDefined();
  });

  it('tells what is stored in the order in which it is due', async () => {
    const { transport } = setup();
    await transport.send([
      note('last', new DelayStamp(2000)),
      note('second', new DelayStamp(1000)),
      note('first'),
    ]);
    expect(texts(transport.queue)).toEqual(['first', 'second', 'last']);
  });

  it('shows acknowledged messages with the stamps they were acknowledged with', async () => {
    const { transport } = setup();
    await transport.send([note('a')]);
    const [received] = await transport.get();
    await transport.ack([received!.with(new HandledStamp(42, 'handler'))]);
    expect(transport.acknowledged[0]?.last(HandledStamp)?.result).toBe(42);
  });

  it('does not show a settlement that was lost', async () => {
    const { transport, clock } = setup();
    await transport.send([note('a')]);
    const stale = await transport.get();
    await clock.advance(transport.leaseDuration);
    await transport.ack(stale);
    await transport.reject(stale);
    expect([transport.acknowledged, transport.rejected]).toEqual([[], []]);
    expect(texts(transport.queue)).toEqual(['a']);
  });

  it('shows a requeued message as rejected and its copy as sent, under the same id', async () => {
    const { transport } = setup();
    await transport.send([note('a')]);
    const [received] = await transport.get();
    await transport.requeue([{ received: received!, copy: received!.with(new LabelStamp()), to: transport }]);
    expect(texts(transport.rejected)).toEqual(['a']);
    expect(texts(transport.sent)).toEqual(['a', 'a']);
    expect(transport.queue[0]?.last(TransportMessageIdStamp)?.id).toBe('1');
    expect(transport.queue[0]?.has(LabelStamp)).toBe(true);
  });

  it('shows what was moved to another transport as sent there, under an id of that transport', async () => {
    const { transport } = setup();
    const failed = new InMemoryTransport();
    await failed.send([note('other')]);
    await transport.send([note('a')]);
    const [received] = await transport.get();
    await transport.requeue([{ received: received!, copy: received!, to: failed }]);
    expect(texts(failed.sent)).toEqual(['other', 'a']);
    expect(failed.queue.map((envelope) => envelope.all(TransportMessageIdStamp).map(({ id }) => id))).toEqual(
      [['1'], ['2']],
    );
    expect(transport.queue).toEqual([]);
  });

  it('forgets everything on reset, and gives no id twice', async () => {
    const { transport } = setup();
    await transport.send([note('a'), note('b'), note('c')]);
    const [a, b] = await transport.get({ max: 2 });
    await transport.ack([a!]);
    await transport.reject([b!]);
    transport.reset();
    expect([transport.sent, transport.acknowledged, transport.rejected, transport.queue]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    const [sent] = await transport.send([note('d')]);
    expect(sent?.last(TransportMessageIdStamp)?.id).toBe('4');
    expect(await transport.messageCount()).toMatchObject({ ready: 1, inFlight: 0, delayed: 0 });
  });

  it('takes no notice of the settlement of a message that a reset has removed', async () => {
    const { transport } = setup();
    await transport.send([note('a')]);
    const received = await transport.get();
    transport.reset();
    expect(await transport.ack(received)).toEqual({ lost: received });
  });

  it('remembers no more than it was told to', async () => {
    const transport = new InMemoryTransport({ history: 3 });
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      await transport.send([note(text)]);
      await transport.ack(await transport.get());
      expect(transport.sent.length).toBeLessThanOrEqual(3);
    }
    expect(texts(transport.sent)).toEqual(['f', 'g', 'h']);
    expect(texts(transport.acknowledged)).toEqual(['f', 'g', 'h']);
  });

  it('can remember nothing at all', async () => {
    const transport = new InMemoryTransport({ history: 0 });
    await transport.send([note('a')]);
    expect(transport.sent).toEqual([]);
    expect(texts(await transport.get())).toEqual(['a']);
  });

  it('hands out the object that was sent, without the stamps that no broker would carry', async () => {
    const { transport } = setup();
    const sent = note('a', new LabelStamp(), new SentStamp('async'));
    await transport.send([sent]);
    const [received] = await transport.get();
    expect(received?.message).toBe(sent.message);
    expect([received?.has(LabelStamp), received?.has(SentStamp)]).toEqual([true, false]);
  });

  it('still says of a message that could not be decoded why', async () => {
    const { transport } = setup();
    const failure = new MessageDecodingFailedStamp(new SyntaxError('Unexpected end of input.'));
    const quarantined = new UndecodableMessage({ body: '{', headers: {} });
    await transport.send([new Envelope<object>(quarantined, [failure])]);
    const [received] = await transport.get();
    expect(received?.message).toBe(quarantined);
    expect(received?.last(MessageDecodingFailedStamp)).toBe(failure);
  });

  it('refuses to settle an envelope that it has not handed out, and settles none of those given with it', async () => {
    const { transport } = setup();
    await transport.send([note('a')]);
    const received = await transport.get();
    const settlement = transport.ack([...received, note('foreign')]);
    await expect(settlement).rejects.toThrow(TransportError);
    await expect(settlement).rejects.toThrow(
      'Transport "async": it was given an envelope that it has not handed out. Pass the one that "get" or "claim" returned.',
    );
    expect(texts(transport.queue)).toEqual(['a']);
  });

  it('refuses to requeue to a transport of another kind', async () => {
    const { transport } = setup();
    await transport.send([note('a')]);
    const [received] = await transport.get();
    const foreign = { send: async () => [] };
    await expect(transport.requeue([{ received: received!, copy: received!, to: foreign }])).rejects.toThrow(
      'Transport "async": it can requeue to in-memory transports only. Ask "canRequeueTo" first, or send the copy and reject the original.',
    );
    expect(texts(transport.queue)).toEqual(['a']);
  });

  it('can still be looked at after it was closed', async () => {
    const { transport } = setup();
    await transport.send([note('a')]);
    await transport.close();
    expect(texts(transport.sent)).toEqual(['a']);
  });
});
