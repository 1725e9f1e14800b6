import { loadAmqpDriver } from '../../../lib/transports/amqp/amqp.driver.js';
import { onTestFinished } from 'vitest';
import type { ChannelModel } from 'amqplib';
import { AmqpConnection } from '../../../lib/transports/amqp/amqp.connection.js';
import { AmqpConsumer } from '../../../lib/transports/amqp/amqp.consumer.js';
import { AmqpLosses } from '../../../lib/transports/amqp/amqp.losses.js';
import { resolveAmqpOptions } from '../../../lib/transports/amqp/amqp.options.js';
import { AmqpPublisher } from '../../../lib/transports/amqp/amqp.publisher.js';
import { AmqpSession } from '../../../lib/transports/amqp/amqp.session.js';
import { AmqpSettlement } from '../../../lib/transports/amqp/amqp.settlement.js';
import type { AmqpDelivery } from '../../../lib/transports/amqp/amqp.stamps.js';
import { AmqpTopology } from '../../../lib/transports/amqp/amqp.topology.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { RecordingLogger } from '../../fixtures/core.js';
import type { Vhost } from './support/vhost.js';

let count = 0;

export type QueueArguments = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What consumes, as a transport puts it together, on queues of its own; and a channel to look at them from outside. */
export async function consuming(
  vhost: Vhost,
  {
    queues = { [uniqueName()]: {} },
    options = {},
    transportName = 'async',
  }: {
    readonly queues?: QueueArguments;
    readonly options?: Readonly<Record<string, unknown>>;
    readonly transportName?: string;
  } = {},
) {
  const names = Object.keys(queues);
  const resolved = resolveAmqpOptions(transportName, new Dsn(vhost.url, transportName), {
    exchange: { name: names[0] ?? 'none', type: 'fanout' },
    queues,
    ...options,
  });
  const logger = new RecordingLogger();
  const connection = new AmqpConnection({
    driver: loadAmqpDriver(transportName),
    endpoint: resolved.endpoint,
    name: 'messenger test',
    logger,
    onClosed: () => undefined,
  });
  const session = new AmqpSession(connection, transportName);
  connection.join(session);
  const topology = new AmqpTopology(session, resolved);
  const closing = new AbortController();
  const losses = new AmqpLosses();
  const identity = { host: 'host', pid: 42 };
  const consumer = new AmqpConsumer({
    session,
    topology,
    options: resolved,
    logger,
    identity,
    closing: closing.signal,
    losses,
  });
  const publisher = new AmqpPublisher(session, resolved, topology);
  const settlement = new AmqpSettlement({ topology, publisher, consumer });
  const close = async (): Promise<void> => {
    closing.abort();
    await consumer.close();
    await publisher.close();
    await connection.leave(session);
  };
  onTestFinished(close);
  const [queue = ''] = names;
  return { consumer, settlement, topology, session, logger, losses, close, queue, closing };
}

export function uniqueName(): string {
  count += 1;
  return `queue-${process.pid}-${count}`;
}

/** Sends texts to a queue, confirmed. */
export async function sendTo(model: ChannelModel, queue: string, ...texts: readonly string[]): Promise<void> {
  const channel = await model.createConfirmChannel();
  texts.forEach((text) => channel.sendToQueue(queue, Buffer.from(text), { deliveryMode: 2 }));
  await channel.waitForConfirms();
  await channel.close();
}

export function textsOf(deliveries: readonly AmqpDelivery[]): string[] {
  return deliveries.map(({ message }) => message.content.toString());
}

export function numbered(length: number): string[] {
  return Array.from({ length }, (_, index) => String(index));
}
