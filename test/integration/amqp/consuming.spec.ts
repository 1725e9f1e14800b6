import type { ChannelModel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../redis/support/eventually.js';
import { consuming, numbered, sendTo, textsOf, uniqueName } from './consuming.setup.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

/** Longer than any test: only what is tested can end the wait. */
const FOREVER = 3_600_000;

let model: ChannelModel;

beforeAll(async () => {
  model = await vhost().connect(afterAll);
});

/** A consumer whose queues are declared, and which nobody else knows. */
async function setup(...args: Parameters<typeof consuming> extends [unknown, ...infer R] ? R : never) {
  const world = await consuming(vhost(), ...args);
  await world.topology.ensure();
  const channel = await model.createChannel();
  return {
    ...world,
    send: (...texts: readonly string[]) => sendTo(model, world.queue, ...texts),
    /** As the broker counts. */
    ready: async (queue: string = world.queue) => (await channel.checkQueue(queue)).messageCount,
    consumers: async (queue: string = world.queue) => (await channel.checkQueue(queue)).consumerCount,
    deleteQueue: () => channel.deleteQueue(world.queue),
  };
}

/** `count` messages, in as many fetches as it takes. */
async function receive({ consumer }: Awaited<ReturnType<typeof setup>>, count: number) {
  const received = [...(await consumer.next(count, 2000, undefined))];
  while (received.length < count) {
    const more = await consumer.next(count - received.length, 2000, undefined);
    expect(more).not.toEqual([]);
    received.push(...more);
  }
  return received;
}

describe('fetching from RabbitMQ', () => {
  it('finds at once what is there, and knows when there is nothing', async () => {
    const { consumer, settlement, send } = await setup();
    expect(await consumer.next(1, 0, undefined)).toEqual([]);
    await send('a', 'b');
    const [a, ...others] = await consumer.next(1, 2000, undefined);
    expect(others).toEqual([]);
    expect(await settlement.acknowledge(a === undefined ? [] : [a])).toEqual([true]);
    // With a prefetch of 1 the second comes only now.
    expect(textsOf(await consumer.next(1, 0, undefined))).toEqual(['b']);
    expect(await consumer.next(1, 0, undefined)).toEqual([]);
  });

  it('finds each message at once, though none is pushed ahead', async () => {
    const { consumer, settlement, send } = await setup();
    await send(...numbered(50));
    for (const text of numbered(50)) {
      const received = await consumer.next(1, 0, undefined);
      expect(textsOf(received)).toEqual([text]);
      await settlement.acknowledge(received);
    }
  });

  it('has no more pushed than it asks for', async () => {
    const world = await setup();
    await world.send(...numbered(20));
    const first = await receive(world, 3);
    expect(await world.ready()).toBe(17);
    await receive(world, 5);
    expect(await world.ready()).toBe(12);
    expect(await world.settlement.acknowledge(first)).toEqual([true, true, true]);
  });

  it('has as many pushed as "prefetch_count" says, and keeps a fetch waiting for more', async () => {
    const world = await setup({ options: { prefetchCount: 4 } });
    await world.send(...numbered(10));
    const [first, ...others] = await receive(world, 4);
    expect(await world.ready()).toBe(6);
    const fetch = world.consumer.next(1, FOREVER, undefined);
    await world.settlement.acknowledge(first === undefined ? [] : [first]);
    expect(textsOf(await fetch)).toEqual(['4']);
    expect(others).toHaveLength(3);
  });

  it('shares what comes with others that wait, so that each message goes to one', async () => {
    const { consumer, send } = await setup();
    const fetches = numbered(5).map(() => consumer.next(1, FOREVER, undefined));
    await send(...numbered(5));
    const received = await Promise.all(fetches);
    expect(received.flatMap(textsOf).toSorted()).toEqual(numbered(5));
  });

  it('keeps the order while it is pushed more and more', async () => {
    const world = await setup();
    await world.send(...numbered(1000));
    const received: string[] = [];
    for (let max = 1; received.length < 1000; max = Math.min(max * 2, 300)) {
      const deliveries = await world.consumer.next(max, 2000, undefined);
      received.push(...textsOf(deliveries));
      await world.settlement.acknowledge(deliveries);
    }
    expect(received).toEqual(numbered(1000));
    expect(await world.consumers()).toBe(1);
  });

  it('names its consumers by host, process and transport', async () => {
    const world = await setup({ transportName: 'orders' });
    await world.consumer.next(1, 0, undefined);
    const list = await vhost().rabbitmqctl('list_consumers', 'queue_name', 'consumer_tag');
    expect(list).toMatch(new RegExp(`${world.queue}\\s+host:42:orders:\\S{8}\\s`));
  });

  it('gives back what nobody has asked for within a second', async () => {
    const world = await setup();
    await world.send(...numbered(4));
    await receive(world, 4);
    // So that there is room for those that come.
    expect(await world.consumer.next(10, 0, undefined)).toEqual([]);
    await world.send(...numbered(3));
    await eventually('it has stopped', async () => (await world.consumers()) === 0, 5000);
    await eventually('they are back', async () => (await world.ready()) === 3);
    expect(textsOf(await receive(world, 3))).toEqual(numbered(3));
  });

  it('gives back at once what it holds for a fetch that was aborted', async () => {
    const world = await setup();
    const abort = new AbortController();
    const fetch = world.consumer.next(5, FOREVER, abort.signal);
    await eventually('it consumes', async () => (await world.consumers()) === 1);
    abort.abort();
    expect(await fetch).toEqual([]);
    await eventually('it has stopped', async () => (await world.consumers()) === 0);
    await world.send('a');
    expect(await world.ready()).toBe(1);
    expect(textsOf(await receive(world, 1))).toEqual(['a']);
  });

  it('gives back in order what was released, before what comes after', async () => {
    const world = await setup();
    await world.send(...numbered(6));
    const [zero, one, two] = await receive(world, 3);
    if (zero === undefined || one === undefined || two === undefined) {
      throw new RangeError('Expected three.');
    }
    expect(await world.settlement.release([two, zero])).toEqual([true, true]);
    expect(await world.settlement.release([one])).toEqual([true]);
    expect(textsOf(await receive(world, 6))).toEqual(numbered(6));
  });

  it('holds back what is released with a delay, as it was', async () => {
    const world = await setup();
    const channel = await model.createConfirmChannel();
    channel.sendToQueue(world.queue, Buffer.from('a'), {
      headers: { type: 'Note', 'X-Tries': 3, 'x-death': [] },
      contentType: 'application/json',
      messageId: 'id',
      priority: 4,
    });
    await channel.waitForConfirms();
    const startedAt = performance.now();
    expect(await world.settlement.release(await receive(world, 1), 150)).toEqual([true]);
    const [copy] = await receive(world, 1);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
    expect(copy?.message.properties).toMatchObject({
      headers: { type: 'Note', 'X-Tries': 3 },
      contentType: 'application/json',
      messageId: 'id',
      priority: 4,
    });
    expect(copy?.queue).toBe(world.queue);
    expect(await world.ready()).toBe(0);
  });
});

describe('several queues of RabbitMQ', () => {
  const twoQueues = () => {
    const [one, other] = [uniqueName(), uniqueName()];
    return { one, other, options: { queues: { [one]: {}, [other]: {} } } };
  };

  it('are all consumed', async () => {
    const { one, other, options } = twoQueues();
    const world = await setup(options);
    await sendTo(model, one, 'a');
    await sendTo(model, other, 'b');
    const received = await receive(world, 2);
    const places = received.map(({ queue, message }) => `${queue} ${message.content.toString()}`);
    expect(new Set(places)).toEqual(new Set([`${one} a`, `${other} b`]));
  });

  it('are consumed by their names, and given back when others are named', async () => {
    const { one, other, options } = twoQueues();
    const world = await setup(options);
    await sendTo(model, one, 'a', 'b');
    await sendTo(model, other, 'c');
    expect(textsOf(await world.consumer.next(1, 2000, undefined, [one]))).toEqual(['a']);
    expect(await world.ready(other)).toBe(1);
    expect(textsOf(await world.consumer.next(5, 2000, undefined, [other]))).toEqual(['c']);
    expect(await world.ready(one)).toBe(1);
    expect(await world.consumers(one)).toBe(0);
  });

  it('must be known', async () => {
    const { one, other, options } = twoQueues();
    const world = await setup(options);
    await expect(world.consumer.next(1, 0, undefined, ['nowhere'])).rejects.toThrow(
      `Transport "async" has no queue "nowhere"; it has "${one}", "${other}".`,
    );
  });
});
