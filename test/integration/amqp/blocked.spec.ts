import { afterAll, describe, expect, it } from 'vitest';
import { TransportFullError } from '../../../lib/errors/transport-full.error.js';
import type { AmqpConfirmChannel } from '../../../lib/transports/amqp/amqp.driver.js';
import { rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { startConnection } from './support/connection.js';
import { rabbitmqctl } from './support/rabbitmqctl.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

/** RabbitMQ's default: the part of the machine's memory that it may use. */
const USUAL_WATERMARK = '0.4';

// Whatever happens: it concerns everybody who uses this broker.
afterAll(async () => void (await rabbitmqctl('set_vm_memory_high_watermark', USUAL_WATERMARK)));

function publish(channel: AmqpConfirmChannel, queue: string, text: string): Promise<void> {
  return new Promise((resolve, reject) =>
    channel.publish('', queue, Buffer.from(text), {}, (error) => (error ? reject(error) : resolve())),
  );
}

describe('a broker that is low on memory', () => {
  it('blocks what publishes until it has room, and lets workers acknowledge meanwhile', async () => {
    const { connection, session } = startConnection(vhost());
    const channel = await connection.channel();
    const { queue } = await channel.assertQueue('work', { durable: true });
    const publishing = await connection.confirmChannel();
    await publish(publishing, queue, 'before');
    expect(connection.blockedReason).toBeUndefined();
    await connection.unblocked(0);

    let sent: Promise<void> | undefined;
    let waiting: Promise<void> | undefined;
    try {
      await rabbitmqctl('set_vm_memory_high_watermark', '0');
      sent = publish(publishing, queue, 'meanwhile');
      await eventually('the broker said so', () => connection.blockedReason !== undefined);
      expect(connection.blockedReason).toContain('low on memory');
      const error = session.errorOf(await rejectionOf(connection.unblocked(50)));
      expect(error).toBeInstanceOf(TransportFullError);
      expect(error.message).toContain('it has taken no messages for 50 ms (low on memory)');
      const message = await channel.get(queue);
      expect(message).toMatchObject({ content: Buffer.from('before') });
      channel.ack(message as Exclude<typeof message, false>);
      expect(await channel.checkQueue(queue)).toMatchObject({ messageCount: 0 });
      waiting = connection.unblocked(10_000);
    } finally {
      await rabbitmqctl('set_vm_memory_high_watermark', USUAL_WATERMARK);
    }
    await Promise.all([waiting, sent]);
    expect(connection.blockedReason).toBeUndefined();
    expect(await channel.get(queue)).toMatchObject({ content: Buffer.from('meanwhile') });
  });
});
