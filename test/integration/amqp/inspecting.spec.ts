import type { ConfirmChannel } from 'amqplib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Dsn } from '../../../lib/transport/dsn.js';
import { AmqpClaimsById } from '../../../lib/transports/amqp/amqp.claims-by-id.js';
import { AmqpConnection } from '../../../lib/transports/amqp/amqp.connection.js';
import { type AmqpChannel, loadAmqpDriver } from '../../../lib/transports/amqp/amqp.driver.js';
import { AmqpListing } from '../../../lib/transports/amqp/amqp.listing.js';
import { idOf, isUniqueId } from '../../../lib/transports/amqp/amqp.message-id.js';
import { resolveAmqpOptions } from '../../../lib/transports/amqp/amqp.options.js';
import { AmqpSession } from '../../../lib/transports/amqp/amqp.session.js';
import type { AmqpDelivery } from '../../../lib/transports/amqp/amqp.stamps.js';
import { AmqpTopology } from '../../../lib/transports/amqp/amqp.topology.js';
import { eventually } from '../redis/support/eventually.js';
import { rabbitmqctl } from './support/rabbitmqctl.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

const TYPES = ['classic', 'quorum'] as const;

let last = 0;

/** Queues of one type, and somebody who publishes to them and looks at what is left. */
async function setup({
  type = 'classic',
  count = 1,
  args = {},
}: { type?: (typeof TYPES)[number]; count?: number; args?: Readonly<Record<string, unknown>> } = {}) {
  const name = `${type}-${(last += 1)}`;
  const names = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  const queues = Object.fromEntries(
    names.map((each) => [each, { arguments: { 'x-queue-type': type, ...args } }]),
  );
  const start = (url = vhost().url, options: Readonly<Record<string, unknown>> = {}) =>
    startProcess(url, { exchange: { name, type: 'fanout' }, queues, ...options });
  const first = start();
  await first.topology.ensure();
  const model = await vhost().connect();
  const channel = await model.createConfirmChannel();
  const [queue = ''] = names;
  return {
    ...first,
    start,
    channel,
    queue,
    names,
    publish: (ids: readonly string[], to = queue) => publish(channel, to, ids),
    drain: () => drain(channel, queue),
  };
}

/** What a transport has in a process of its own. */
function startProcess(url: string, given: Readonly<Record<string, unknown>>) {
  const options = resolveAmqpOptions('orders', new Dsn(url, 'orders'), given);
  const driver = loadAmqpDriver('orders');
  const { endpoint } = options;
  const connection = new AmqpConnection({ driver, endpoint, name: 'test', onClosed: () => undefined });
  const session = new AmqpSession(connection, 'orders');
  connection.join(session);
  onTestFinished(() => connection.leave(session));
  const topology = new AmqpTopology(session, options);
  return {
    topology,
    listing: new AmqpListing(session, topology, options),
    claims: new AmqpClaimsById(session, topology, options),
  };
}

async function publish(channel: ConfirmChannel, queue: string, ids: readonly string[]): Promise<void> {
  ids.forEach((id) => channel.sendToQueue(queue, Buffer.from(id), { messageId: id, persistent: true }));
  await channel.waitForConfirms();
}

/** Takes and removes what is ready. */
async function drain(channel: ConfirmChannel, queue: string): Promise<readonly string[]> {
  const contents: string[] = [];
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) {
      return contents;
    }
    contents.push(message.content.toString());
  }
}

async function listed(listing: AmqpListing, limit = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
  const contents: string[] = [];
  for await (const delivery of listing.messages(limit)) {
    contents.push(contentOf(delivery) ?? '');
  }
  return contents;
}

function contentOf(delivery: AmqpDelivery | undefined): string | undefined {
  return delivery?.message.content.toString();
}

/** As who settles messages does. */
function acknowledge(delivery: AmqpDelivery | undefined): void {
  if (delivery === undefined) {
    throw new TypeError('Nothing was claimed.');
  }
  (delivery.channel as AmqpChannel).ack(delivery.message);
}

/** Of all connections to the virtual host. */
async function channelCount(): Promise<number> {
  const printed = await rabbitmqctl('list_channels', 'vhost');
  return printed.split('\n').filter((line) => line.trim() === vhost().name).length;
}

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `m${index}`);
}

describe.each(TYPES)('Looking into %s queues', (type) => {
  it('shows all messages, the oldest first, and leaves them in their order', async () => {
    const { listing, publish, drain } = await setup({ type });
    await publish(numbered(5));
    expect(await listed(listing)).toEqual(numbered(5));
    expect(await listed(listing)).toEqual(numbered(5));
    expect(await drain()).toEqual(numbered(5));
  });

  it('shows the oldest if it is told how many, and leaves the others in their order behind them', async () => {
    const { listing, publish, drain } = await setup({ type });
    await publish(numbered(5));
    expect(await listed(listing, 2)).toEqual(['m0', 'm1']);
    expect(await drain()).toEqual(numbered(5));
  });

  it('finds a message by its id, and leaves all in their order', async () => {
    const { listing, publish, drain } = await setup({ type });
    await publish(numbered(5));
    expect(contentOf(await listing.find('m3'))).toBe('m3');
    expect(await listing.find('m5')).toBeUndefined();
    expect(await listing.find('')).toBeUndefined();
    expect(await drain()).toEqual(numbered(5));
  });

  it('claims a message by its id, and hands back all others', async () => {
    const { claims, start, publish, drain } = await setup({ type });
    await publish(numbered(5));
    const claimed = await claims.claim('m2');
    expect(contentOf(claimed)).toBe('m2');
    expect(await start().claims.claim('m2')).toBeUndefined();
    expect((await drain()).toSorted()).toEqual(['m0', 'm1', 'm3', 'm4']);
    acknowledge(claimed);
    await claims.close();
    expect(await drain()).toEqual([]);
  });
});

describe('Looking into queues', () => {
  it('shows each message once, however many there are', async () => {
    const { listing, publish } = await setup();
    await publish(numbered(1150));
    expect(await listed(listing)).toEqual(numbered(1150));
  });

  it('shows the messages of several queues, up to the limit', async () => {
    const { listing, publish, names } = await setup({ count: 2 });
    await publish(['a', 'b'], names[0]);
    await publish(['c', 'd'], names[1]);
    expect(await listed(listing)).toEqual(['a', 'b', 'c', 'd']);
    expect(await listed(listing, 3)).toEqual(['a', 'b', 'c']);
    expect(await listed(listing, 0)).toEqual([]);
    expect(contentOf(await listing.find('d'))).toBe('d');
  });

  it('holds no message while the caller is busy with one', async () => {
    const { listing, publish, drain } = await setup();
    await publish(numbered(3));
    for await (const delivery of listing.messages(Number.POSITIVE_INFINITY)) {
      expect(contentOf(delivery)).toBe('m0');
      expect(await drain()).toEqual(numbered(3));
      break;
    }
  });

  it('shows everything to each of those who look at the same time', async () => {
    const { start, publish } = await setup();
    await publish(numbered(80));
    const lists = await Promise.all([1, 2, 3, 4].map(() => listed(start().listing)));
    lists.forEach((list) => expect(list).toEqual(numbered(80)));
  });

  it('finds and claims messages while others look', async () => {
    const { start, publish } = await setup();
    await publish(numbered(80));
    const list = listed(start().listing);
    const found = start().listing.find('m1');
    const claimed = start().claims.claim('m79');
    expect(contentOf(await found)).toBe('m1');
    expect(contentOf(await claimed)).toBe('m79');
    await list;
  });

  it('looks once for all who search at the same time', async () => {
    const { listing, publish, channel, queue } = await setup({ type: 'quorum' });
    await publish(numbered(30));
    const found = await Promise.all(numbered(30).map((id) => listing.find(id)));
    expect(found.map(contentOf)).toEqual(numbered(30));
    const message = await channel.get(queue);
    expect(message && message.properties.headers?.['x-delivery-count']).toBe(1);
  });

  it('loses no message of a queue that limits deliveries, however often it looks', async () => {
    const { listing, claims, publish, channel, queue } = await setup({
      type: 'quorum',
      args: { 'x-delivery-limit': 3 },
    });
    channel.sendToQueue(queue, Buffer.from('m0'), {
      messageId: 'm0',
      type: 'greeting',
      headers: { 'x-tries': 7, type: 'Greeting' },
    });
    await publish(['m1', 'm2']);
    for (let looks = 0; looks < 6; looks += 1) {
      expect((await listed(listing)).toSorted()).toEqual(numbered(3));
      expect(await claims.claim('m3')).toBeUndefined();
    }
    const first = await listing.find('m0');
    expect(first?.message.properties).toMatchObject({
      type: 'greeting',
      headers: { 'x-tries': 7, type: 'Greeting' },
    });
  });

  it('knows a foreign message without an id by what is in it', async () => {
    const { listing, claims, channel, queue, publish } = await setup();
    channel.sendToQueue(queue, Buffer.from('foreign'), { type: 'greeting' });
    await publish(['own']);
    const ids: string[] = [];
    for await (const { message } of listing.messages(2)) {
      ids.push(idOf(message));
    }
    expect(ids).toEqual([expect.stringMatching(/^content-[\da-f]{32}$/), 'own']);
    expect(ids.map(isUniqueId)).toEqual([false, true]);
    expect(contentOf(await listing.find(ids[0] ?? ''))).toBe('foreign');
    expect(contentOf(await claims.claim(ids[0] ?? ''))).toBe('foreign');
  });

  it('says so when a message may be further down than it looks', async () => {
    const { listing, claims, publish, channel, queue } = await setup();
    await publish(numbered(10_001));
    const unseen = `message "m10000" is not among the oldest messages of the queue "${queue}"`;
    await expect(listing.find('m10000')).rejects.toThrow(unseen);
    await expect(claims.claim('m10000')).rejects.toThrow(unseen);
    expect(await channel.checkQueue(queue)).toMatchObject({ messageCount: 10_001 });
  }, 60_000);

  it('counts what is ready in all queues', async () => {
    const { listing, publish, names, channel } = await setup({ count: 2 });
    await publish(['a', 'b'], names[0]);
    await publish(['c'], names[1]);
    expect(await listing.counts()).toEqual({ ready: 3 });
    await channel.get(names[0] ?? '');
    expect(await listing.counts()).toEqual({ ready: 2 });
  });

  it('declares a queue again that was deleted', async () => {
    const { listing, claims, channel, queue } = await setup();
    await channel.deleteQueue(queue);
    expect(await listing.counts()).toEqual({ ready: 0 });
    await channel.deleteQueue(queue);
    expect(await listed(listing)).toEqual([]);
    await channel.deleteQueue(queue);
    expect(await claims.claim('m0')).toBeUndefined();
    expect(await channel.checkQueue(queue)).toMatchObject({ messageCount: 0 });
  });

  it('does without the permission to create queues', async () => {
    const { start, publish, queue } = await setup();
    await publish(numbered(3));
    const user = `reader-${queue}`;
    onTestFinished(async () => void (await rabbitmqctl('delete_user', user)));
    await rabbitmqctl('add_user', user, 'secret');
    await rabbitmqctl('set_permissions', '-p', vhost().name, user, '^$', '^$', '.*');
    const url = vhost().url.replace('guest:guest', `${user}:secret`);
    const { listing, claims } = start(url, { autoSetup: false });
    expect(await listed(listing)).toEqual(numbered(3));
    expect(contentOf(await claims.claim('m1'))).toBe('m1');
  });
});

describe('Claims by id', () => {
  it('are several at the same time, and none of them twice', async () => {
    const { claims, start, publish, drain } = await setup();
    await publish(numbered(6));
    const other = start().claims;
    const claimed = await Promise.all([
      ...numbered(5).map((id) => claims.claim(id)),
      ...numbered(5).map((id) => other.claim(id)),
    ]);
    const contents = claimed.map(contentOf).filter((content) => content !== undefined);
    expect(contents.toSorted()).toEqual(numbered(5));
    expect(await drain()).toEqual(['m5']);
  });

  it('keep the order of the others in a classic queue', async () => {
    const { claims, publish, drain } = await setup();
    await publish(numbered(6));
    await claims.claim('m4');
    await claims.claim('m1');
    expect(await drain()).toEqual(['m0', 'm2', 'm3', 'm5']);
  });

  it('end, if they are not settled, when they are closed', async () => {
    const { claims, publish, drain } = await setup();
    await publish(numbered(2));
    await claims.claim('m0');
    await claims.close();
    expect(await drain()).toEqual(numbered(2));
  });

  it('leave no channel behind when they are settled', async () => {
    const { claims, publish } = await setup();
    await publish(numbered(2));
    const before = await channelCount();
    const claimed = [await claims.claim('m0'), await claims.claim('m1')];
    await eventually('each had a channel', async () => (await channelCount()) === before + 2);
    claimed.forEach(acknowledge);
    await eventually('they were gone', async () => (await channelCount()) === before);
  }, 60_000);

  it('may begin anew after they were closed', async () => {
    const { claims, publish } = await setup();
    await publish(numbered(2));
    await claims.claim('m1');
    await claims.close();
    expect(contentOf(await claims.claim('m1'))).toBe('m1');
  });
});
