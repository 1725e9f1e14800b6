import { connect } from 'amqplib';

import { locate } from './amqp-address.mjs';

/**
 * Connects and declares the queue. Without listeners for "error" a lost connection ends the process.
 *
 * @param {string} address
 */
export async function connectTo(address) {
  const { server, name: queue } = locate(address);
  const connection = await connect(server);
  const channel = await connection.createChannel();
  await channel.assertQueue(queue);
  await channel.close();
  return { connection, queue };
}
