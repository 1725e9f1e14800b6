import { connect, type ChannelModel } from 'amqplib';
import { describe, expect, it, vi } from 'vitest';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { startFaultProxy } from '../redis/support/fault-proxy.js';
import { consuming, sendTo, textsOf, uniqueName } from './consuming.setup.js';
import { perFile, startVhost } from './support/vhost.js';

// What an administrator does takes seconds on a busy machine.
vi.setConfig({ hookTimeout: 60_000, testTimeout: 60_000 });
const vhost = perFile((lifetime) => startVhost(lifetime));

/** Longer than any test: only what is tested can end the wait. */
const FOREVER = 3_600_000;

/** On a connection for this alone: what a test asks may end it, and so may what it does to all connections. */
async function outside<T>(work: (model: ChannelModel) => Promise<T>): Promise<T> {
  const model = await connect(vhost().url);
  model.on('error', () => undefined);
  try {
    return await work(model);
  } finally {
    await model.close().catch(() => undefined);
  }
}

const send = (queue: string, ...texts: readonly string[]): Promise<void> =>
  outside((model) => sendTo(model, queue, ...texts));

/** How many consume from the queue, as the broker says; nothing if there is no such queue. */
const consumersOf = (queue: string): Promise<number | undefined> =>
  outside(async (model) => {
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    return channel.checkQueue(queue).then(
      ({ consumerCount }) => consumerCount,
      () => undefined,
    );
  });

const deleteQueue = (queue: string): Promise<unknown> =>
  outside(async (model) => (await model.createChannel()).deleteQueue(queue));

/** The tags of those who consume from the queue. */
async function tagsOf(queue: string): Promise<readonly string[]> {
  const list = await vhost().rabbitmqctl(
    'list_consumers',
    '--no-table-headers',
    'queue_name',
    'consumer_tag',
  );
  const rows = list.split('\n').map((line) => line.split('\t'));
  return rows.filter(([name]) => name === queue).map(([, tag = '']) => tag);
}

/** What consumes, with its queues declared and a fetch that waits. */
async function setup(...args: Parameters<typeof consuming> extends [unknown, ...infer R] ? R : never) {
  const world = await consuming(vhost(), ...args);
  await world.topology.setup();
  const { queue, session } = world;
  const fetch = () => world.consumer.next(1, FOREVER, undefined);
  const waiting = fetch();
  waiting.catch(() => undefined);
  const isConsumed = () => eventually('it is consumed', async () => (await consumersOf(queue)) === 1);
  await isConsumed();
  const isBack = (epoch = 2) => eventually('it is back', () => session.connection.epoch >= epoch, 30_000);
  return { ...world, fetch, waiting, isConsumed, isBack };
}

const CANCELLED = (queue: string): string =>
  `Transport "async": the broker has ended the consumption of queue "${queue}", which is consumed anew. The queue was deleted, or its ` +
  'node is down; or, from RabbitMQ 4.3 on, a handler took longer than "consumer_timeout".';

describe('a queue that is deleted while a fetch waits for its messages', () => {
  it('is declared and consumed again, by one consumer', async () => {
    const { queue, waiting, isConsumed, logger } = await setup();
    await deleteQueue(queue);
    await isConsumed();
    await send(queue, 'a');
    expect(textsOf(await waiting)).toEqual(['a']);
    expect(await tagsOf(queue)).toHaveLength(1);
    expect(logger.texts('warn')).toEqual([CANCELLED(queue)]);
  });

  it('is bound again, as often as it is deleted', async () => {
    const { queue, waiting, isConsumed } = await setup();
    for (let time = 1; time <= 3; time++) {
      await deleteQueue(queue);
      await isConsumed();
    }
    await outside(async (model) => {
      const channel = await model.createConfirmChannel();
      // The exchange of the transport is called like its queue.
      channel.publish(queue, '', Buffer.from('routed'));
      await channel.waitForConfirms();
    });
    expect(textsOf(await waiting)).toEqual(['routed']);
  });

  it('is an error without "auto_setup", and is consumed when somebody has declared it', async () => {
    const { queue, waiting, fetch, topology } = await setup({ options: { autoSetup: false } });
    await deleteQueue(queue);
    const error = await rejectionOf(waiting);
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toMatch(
      /something does not exist on \S+: no queue '\S+' in vhost '\S+'\. Run the command "setup-transports", or leave "auto_setup" on\.$/,
    );
    expect(await consumersOf(queue)).toBeUndefined();
    await topology.setup();
    await send(queue, 'a');
    expect(textsOf(await fetch())).toEqual(['a']);
  });

  it('does no harm to messages in hand, which can still be settled', async () => {
    const { queue, waiting, fetch, isConsumed, settlement } = await setup();
    await send(queue, 'in hand');
    const inHand = await waiting;
    const next = fetch();
    await deleteQueue(queue);
    await isConsumed();
    expect(await settlement.acknowledge(inHand)).toEqual([true]);
    await send(queue, 'next');
    const received = await next;
    expect(textsOf(received)).toEqual(['next']);
    expect(await settlement.acknowledge(received)).toEqual([true]);
  });

  it('does not keep the messages of other queues away', async () => {
    const [queue, other] = [uniqueName(), uniqueName()];
    const { waiting, isConsumed, fetch } = await setup({ queues: { [queue]: {}, [other]: {} } });
    await deleteQueue(queue);
    await isConsumed();
    await send(other, 'other');
    expect(textsOf(await waiting)).toEqual(['other']);
    await send(queue, 'same');
    expect(textsOf(await fetch())).toEqual(['same']);
    expect([await tagsOf(queue), await tagsOf(other)].map(({ length }) => length)).toEqual([1, 1]);
  });
});

describe('a connection that is closed while a fetch waits', () => {
  it('comes back with one consumer, however often', async () => {
    const { queue, session, waiting, isBack, isConsumed } = await setup();
    for (let time = 1; time <= 3; time++) {
      const next = session.connection.epoch + 1;
      await vhost().closeAllConnections();
      await isBack(next);
      await isConsumed();
    }
    await send(queue, 'a');
    expect(textsOf(await waiting)).toEqual(['a']);
    expect(await tagsOf(queue)).toHaveLength(1);
  });

  it('declares again what is gone', async () => {
    const { queue, waiting, isBack, isConsumed } = await setup({
      queues: { [uniqueName()]: { durable: false } },
    });
    await vhost().closeAllConnections();
    await deleteQueue(queue);
    await isBack();
    await isConsumed();
    await send(queue, 'a');
    expect(textsOf(await waiting)).toEqual(['a']);
  });

  it('takes messages in hand with it: they are delivered again, and cannot be settled', async () => {
    const { queue, waiting, fetch, settlement, isBack, logger, losses } = await setup();
    const lostChannels: unknown[] = [];
    losses.listen((channel) => lostChannels.push(channel));
    await send(queue, 'a');
    const inHand = await waiting;
    const next = fetch();
    await vhost().closeAllConnections('maintenance');
    await isBack();
    // What waits for its handler is not begun any more.
    expect(lostChannels).toEqual([inHand[0]?.channel]);
    const again = await next;
    expect(textsOf(again)).toEqual(['a']);
    expect(again[0]?.message.fields.redelivered).toBe(true);
    expect(await settlement.acknowledge(inHand)).toEqual([false]);
    // No copy is stored beside it.
    expect(await settlement.release(inHand, 60_000)).toEqual([false]);
    expect(await vhost().rabbitmqctl('list_queues', '--no-table-headers', 'name')).not.toContain('delay');
    expect(await settlement.acknowledge(again)).toEqual([true]);
    const lost = logger.lines.find(({ text }) => text.includes('has lost the channel'));
    expect(lost?.text).toBe(
      'Transport "async" has lost the channel on which it consumes; 1 message(s) in hand will be delivered again.',
    );
    expect(String(lost?.context?.error)).toContain('has closed the connection (maintenance)');
  });

  it('and does not come back in time is an error, after which fetches work when it is back', async () => {
    const proxy = await startFaultProxy(vhost());
    const { queue, waiting, fetch, isBack } = await setup({
      options: { hosts: [`${proxy.host}:${proxy.port}`], connectTimeout: 0.3 },
    });
    await proxy.refuse();
    proxy.cut();
    const error = await rejectionOf(waiting);
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toContain('cannot be reached (connect ECONNREFUSED');
    await proxy.restore();
    await isBack();
    await send(queue, 'a');
    expect(textsOf(await fetch())).toEqual(['a']);
  });
});
