import pg from 'pg';

import { now } from '../../harness/clock.mjs';
import { gather } from './gather.mjs';
import { connect, statementsFor } from './postgres-floor-store.mjs';
import { locate } from './sql-address.mjs';

const SESSIONS = 10;

/**
 * Stores each message by an INSERT of its own, as many at a time as there are sessions.
 *
 * @param {string} address
 * @returns {Promise<import('../../types.d.ts').Producer>}
 */
export async function openFloorProducer(address) {
  const statements = statementsFor(address);
  const pool = new pg.Pool({ connectionString: locate(address).server, max: SESSIONS });
  return openProducer(address, pool, ({ message, due }) => pool.query(statements.insert(message, due)));
}

/**
 * Stores together what is sent in one turn of the event loop, or while an INSERT is on its way.
 *
 * @param {string} address
 * @returns {Promise<import('../../types.d.ts').Producer>}
 */
export async function openGatheredFloorProducer(address) {
  const statements = statementsFor(address);
  const client = await connect(address);
  return openProducer(
    address,
    client,
    gather((messages) =>
      client.query(
        messages.length === 1
          ? statements.insert(messages[0].message, messages[0].due)
          : statements.insertAll(messages),
      ),
    ),
  );
}

async function openProducer(address, store, insert) {
  const statements = statementsFor(address);
  await store.query(statements.create());
  const notifier = await openNotifier(address);
  const sendLater = async (message, delay) => {
    const due = now() + delay;
    await insert({ message, due });
    void notifier.notify(due);
  };
  return {
    send: (message) => sendLater(message, 0),
    sendAll: async (messages) => {
      const due = now();
      await store.query(statements.insertAll(messages.map((message) => ({ message, due }))));
      void notifier.notify(due);
    },
    sendLater,
    close: () => Promise.all([store.end(), notifier.close()]),
  };
}

/**
 * Tells workers when the earliest of the messages just committed is due, on a session of its own: a NOTIFY in the
 * transaction of an INSERT makes commits wait for each other.
 */
async function openNotifier(address) {
  const statements = statementsFor(address);
  const client = await connect(address);
  const notify = gather((dues) => client.query(statements.notify(Math.min(...dues))));
  let last;
  return {
    notify: (due) => (last = notify(due)),
    close: async () => {
      await last;
      await client.end();
    },
  };
}
