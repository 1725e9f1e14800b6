import { randomBytes } from 'node:crypto';
import type { ConfirmChannel, Message } from 'amqplib';
import type { AmqpEndpoint } from '../../../../lib/transports/amqp/amqp.endpoint.js';
import { resolveAmqpOptions } from '../../../../lib/transports/amqp/amqp.options.js';
import { AmqpSession } from '../../../../lib/transports/amqp/amqp.session.js';
import type { AmqpAddress, AmqpTopologyTime } from '../../../../lib/transports/amqp/amqp.topology.js';
import { AmqpTopology } from '../../../../lib/transports/amqp/amqp.topology.js';
import { Dsn } from '../../../../lib/transport/dsn.js';
import { eventually } from '../../redis/support/eventually.js';
import { startConnection } from './connection.js';
import type { Vhost } from './vhost.js';

/** Tells how many channels were opened by it. */
class CountingSession extends AmqpSession {
  opened = 0;

  override channel(): ReturnType<AmqpSession['channel']> {
    this.opened += 1;
    return super.channel();
  }
}

/** What a topology is made of in a test. */
export interface TopologySetup {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly endpoint?: Partial<AmqpEndpoint>;
  readonly time?: AmqpTopologyTime;
}

/** A topology on a connection of its own. Its exchange has a name that no other test uses, unless `options` say one. */
export function startTopology(vhost: Vhost, { options = {}, endpoint = {}, time }: TopologySetup = {}) {
  const { connection } = startConnection(vhost, endpoint);
  const session = new CountingSession(connection, 'async');
  const name = uniqueName();
  const resolved = resolveAmqpOptions('async', new Dsn(`${vhost.url}/${name}`, 'async'), options);
  return { name, connection, session, topology: new AmqpTopology(session, resolved, time) };
}

export function uniqueName(): string {
  return `t${randomBytes(4).toString('hex')}`;
}

/** Publishes as the transport would, and resolves when the broker has the message. Rejects if it reached no queue. */
export async function publishTo(channel: ConfirmChannel, address: AmqpAddress, text: string): Promise<void> {
  let isReturned = false;
  const onReturn = (message: Message): void => {
    isReturned ||= message.content.toString() === text;
  };
  channel.on('return', onReturn);
  await new Promise<void>((resolve, reject) => {
    channel.publish(
      address.exchange,
      address.routingKey,
      Buffer.from(text),
      { mandatory: true, persistent: true },
      (error: unknown) => (error ? reject(new Error('not confirmed', { cause: error })) : resolve()),
    );
  });
  channel.off('return', onReturn);
  if (isReturned) {
    throw new Error(`"${text}" reached no queue.`);
  }
}

/** A message that has arrived. */
export interface Arrival {
  readonly text: string;
  /** By `performance.now()`. */
  readonly at: number;
}

/** Collects what arrives in a queue. */
export async function arrivalsIn(channel: ConfirmChannel, queue: string) {
  const arrivals: Arrival[] = [];
  await channel.consume(
    queue,
    (message) => {
      if (message !== null) {
        arrivals.push({ text: message.content.toString(), at: performance.now() });
      }
    },
    { noAck: true },
  );
  return {
    arrivals,
    texts: (): readonly string[] => arrivals.map(({ text }) => text),
    until: (count: number): Promise<true> =>
      eventually(`${count} messages had arrived`, () => arrivals.length >= count || undefined),
  };
}
