import { HEADERS } from './order-codec.mjs';
import { connect, namesOf, pipelined } from './redis-floor-client.mjs';
import { openSchedule } from './redis-floor-schedule.mjs';

/**
 * @param {string} address
 * @returns {Promise<import('../../types.d.ts').Producer>}
 */
export async function openFloorProducer(address) {
  const { stream } = namesOf(address);
  const redis = await connect(address);
  const command = pipelined(redis);
  const send = (message) => command('xadd', stream, '*', 'body', JSON.stringify(message), 'headers', HEADERS);
  return {
    send,
    sendAll: (messages) => Promise.all(messages.map(send)),
    sendLater: openSchedule(redis, address),
    close: () => redis.quit(),
  };
}
