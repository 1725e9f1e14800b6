import { connectTo } from './amqp-floor-client.mjs';
import { HEADERS } from './order-codec.mjs';

const { 'Content-Type': contentType, ...headers } = JSON.parse(HEADERS);

/** How long a delay queue outlives the last of its messages, at the least: longer than any run schedules. */
const SLACK_MS = 20_000;

/**
 * Resolves on the broker's confirm, with as many messages on their way as the caller starts.
 *
 * @param {string} address
 * @returns {Promise<import('../../types.d.ts').Producer>}
 */
export async function openFloorProducer(address) {
  const { connection, queue } = await connectTo(address);
  const channel = await connection.createConfirmChannel();
  channel.on('return', ({ fields }) => {
    throw new Error(`Nothing takes messages for "${fields.routingKey}".`);
  });
  const publish = publisherTo(channel);
  const delayQueueFor = delayQueues(channel, queue);
  const send = (message) => publish(queue, message);
  return {
    send,
    sendAll: (messages) => Promise.all(messages.map(send)),
    sendLater: async (message, delay) => publish(await delayQueueFor(delay), message),
    close: () => connection.close(),
  };
}

function publisherTo(channel) {
  const options = { persistent: true, mandatory: true, contentType, headers };
  return (queue, message) =>
    new Promise((resolve, reject) => {
      const settle = (cause) => {
        if (cause === null) resolve();
        else reject(new Error('RabbitMQ did not confirm a message.', { cause }));
      };
      channel.publish('', queue, Buffer.from(JSON.stringify(message)), options, settle);
    });
}

/** One queue for each delay, declared on first use: its messages expire into the queue that is consumed. */
function delayQueues(channel, queue) {
  const declared = new Map();
  const declare = async (delay) => {
    const name = `${queue}.${delay}`;
    const routing = { deadLetterExchange: '', deadLetterRoutingKey: queue };
    await channel.assertQueue(name, { ...routing, messageTtl: delay, expires: delay + SLACK_MS });
    return name;
  };
  return (delay) => {
    const known = declared.get(delay) ?? declare(delay);
    declared.set(delay, known);
    return known;
  };
}
