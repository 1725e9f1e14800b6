import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';

class Note {
  constructor(readonly text: string) {}
}

const note = (text: string, delay?: number): Envelope =>
  new Envelope<object>(new Note(text), delay === undefined ? [] : [new DelayStamp(delay)]);

const texts = (envelopes: readonly Envelope[]): string[] =>
  envelopes.map(({ message }) => (message as Note).text);

function setup() {
  const clock = new FakeClock();
  return { clock, transport: new InMemoryTransport({ clock, redeliverTimeout: 10 }) };
}

describe('InMemoryTransport: time', () => {
  it('lends a message until the last millisecond of its lease', async () => {
    const { clock, transport } = setup();
    await transport.send([note('a')]);
    await transport.get();
    await clock.advance(9_999);
    expect(await transport.get()).toEqual([]);
    await clock.advance(1);
    expect((await transport.get())[0]?.last(RedeliveredStamp)?.deliveryCount).toBe(2);
  });

  it('holds a message back until the very millisecond in which it is due', async () => {
    const { clock, transport } = setup();
    await transport.send([note('a', 1500)]);
    await clock.advance(1499);
    expect(await transport.get()).toEqual([]);
    await clock.advance(1);
    expect(texts(await transport.get())).toEqual(['a']);
  });

  it('measures a prolonged lease from the moment of the sign of life', async () => {
    const { clock, transport } = setup();
    await transport.send([note('a'), note('b')]);
    const [a, b] = await transport.get({ max: 2 });
    await clock.advance(6_000);
    expect(await transport.keepalive([a!])).toEqual([]);
    await clock.advance(9_999);
    expect(await transport.keepalive([a!, b!])).toEqual([b]);
    await clock.advance(9_999);
    expect(await transport.ack([a!])).toEqual({ lost: [] });
  });

  it('gives a message whose lease is over its old place, before those that came later', async () => {
    const { clock, transport } = setup();
    await transport.send([note('a'), note('b')]);
    await transport.get();
    await clock.advance(10_000);
    await transport.send([note('c')]);
    expect(texts(await transport.get({ max: 3 }))).toEqual(['a', 'b', 'c']);
  });

  it('does not hand out a message that was claimed by its id, when its time comes', async () => {
    const { clock, transport } = setup();
    const [sent] = await transport.send([note('a', 1000)]);
    const claimed = await transport.claim(sent!.last(TransportMessageIdStamp)!.id);
    expect(texts([claimed!])).toEqual(['a']);
    await clock.advance(1000);
    expect(await transport.get()).toEqual([]);
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 1, delayed: 0 });
  });

  it('takes back a claim on release, as if it had never been made', async () => {
    const { clock, transport } = setup();
    const [sent] = await transport.send([note('a', 60_000)]);
    const claimed = await transport.claim(sent!.last(TransportMessageIdStamp)!.id);
    await transport.release([claimed!]);
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 1 });
    await clock.advance(60_000);
    const [received] = await transport.get();
    expect(received?.has(RedeliveredStamp)).toBe(false);
    expect(await transport.release([claimed!])).toEqual({ lost: [claimed] });
  });

  it('wakes a waiting fetch when the lease of a message ends', async () => {
    const { clock, transport } = setup();
    await transport.send([note('a')]);
    await transport.get();
    const fetch = transport.get({ wait: 60_000 });
    await clock.advance(10_000);
    expect(texts(await fetch)).toEqual(['a']);
  });

  it('wakes waiting fetches first come, first served', async () => {
    const { transport } = setup();
    const fetches = ['first', 'second', 'third'].map(async (name) => ({
      name,
      received: texts(await transport.get({ max: 2, wait: 60_000 })),
    }));
    await transport.send([note('a'), note('b'), note('c')]);
    expect(await Promise.race(fetches)).toEqual({ name: 'first', received: ['a', 'b'] });
    expect(await fetches[1]).toEqual({ name: 'second', received: ['c'] });
    await transport.close();
    expect(await fetches[2]).toEqual({ name: 'third', received: [] });
  });

  it('sets a timer for the next due message while somebody waits, and none when nobody does', async () => {
    const { clock, transport } = setup();
    await transport.send([note('later', 5_000), note('sooner', 3_000)]);
    expect(clock.nextTimerAt).toBeUndefined();
    const abort = new AbortController();
    const fetches = [1, 2].map(() => transport.get({ wait: 60_000, signal: abort.signal }));
    expect(clock.nextTimerAt).toBe(clock.now() + 3_000);
    abort.abort();
    await Promise.all(fetches);
    expect(clock.nextTimerAt).toBeUndefined();
  });

  it('leaves no listener on a signal whose fetch is over', async () => {
    const { transport } = setup();
    const { signal } = new AbortController();
    const fetch = transport.get({ wait: 60_000, signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await transport.send([note('a')]);
    await fetch;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
