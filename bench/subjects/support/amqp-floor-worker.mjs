import { gatherAcks } from './amqp-floor-acks.mjs';
import { connectTo } from './amqp-floor-client.mjs';
import { orderFrom } from './order-codec.mjs';

/**
 * Is pushed up to `prefetch` messages ahead of their acknowledgement, and handles `concurrency` of them at a time.
 *
 * @param {import('../../types.d.ts').WorkerContext} context
 * @param {number} prefetch
 */
export async function startFloorWorker({ address, concurrency, handle }, prefetch) {
  const { connection, queue } = await connectTo(address);
  const channel = await connection.createChannel();
  await channel.prefetch(prefetch);
  const acknowledge = gatherAcks(channel);
  const waiting = [];
  let lanes = 0;

  async function lane() {
    lanes++;
    while (waiting.length > 0) {
      const delivery = waiting.shift();
      await handle(decode(delivery));
      acknowledge(delivery.fields.deliveryTag);
    }
    lanes--;
  }

  await channel.consume(queue, (delivery) => {
    if (delivery === null) throw new Error(`RabbitMQ cancelled the consumer of "${queue}".`);
    waiting.push(delivery);
    if (lanes < concurrency) void lane();
  });
}

function decode({ content, properties: { headers } }) {
  if (headers.type !== 'order.placed') throw new Error(`Unknown message "${headers.type}".`);
  return orderFrom(JSON.parse(content.toString()));
}
