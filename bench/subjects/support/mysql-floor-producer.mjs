import { now } from '../../harness/clock.mjs';
import { gather } from './gather.mjs';
import { openFloorStore } from './mysql-floor-store.mjs';

/**
 * Stores together what is sent in one turn of the event loop, or while an INSERT is on its way.
 *
 * @param {string} address
 * @returns {Promise<import('../../types.d.ts').Producer>}
 */
export async function openFloorProducer(address) {
  const store = await openFloorStore(address);
  await store.create();
  const insert = gather((messages) => store.insertAll(messages));
  return {
    send: (message) => insert({ message, due: now() }),
    sendAll: (messages) => store.insertAll(messages.map((message) => ({ message, due: now() }))),
    sendLater: (message, delay) => insert({ message, due: now() + delay }),
    close: () => store.close(),
  };
}
