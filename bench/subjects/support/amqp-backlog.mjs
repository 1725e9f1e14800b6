import { connect } from 'amqplib';

import { locate } from './amqp-address.mjs';

/**
 * Counts the messages that wait in the queue, over a connection of its own. RabbitMQ tells nobody how many are
 * delivered and not acknowledged; they are no more than the worker prefetches.
 */
export async function countReady(address) {
  const { server, name } = locate(address);
  const connection = await connect(server);
  const channel = await connection.createChannel();
  return async () => (await channel.checkQueue(name)).messageCount;
}
