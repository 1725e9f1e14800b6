import { watch } from 'node:fs';

import { OrderPlaced } from '../../harness/bench-message.mjs';
import { openFloorStore } from './sqlite-floor-store.mjs';

const CLAIMED_AT_ONCE = 250;
const LONGEST_SLEEP = 1_000;

/**
 * Claims many, handles them, deletes them in one transaction; sleeps until the write-ahead log changes.
 *
 * @type {import('../../types.d.ts').StartWorker}
 */
export async function startFloorWorker({ address, concurrency, handle }) {
  const store = await openFloorStore(address);
  const wakeUp = watchLog(`${address}-wal`);
  for (;;) {
    const rows = store.claim(CLAIMED_AT_ONCE);
    if (rows.length === 0) {
      await wakeUp();
      continue;
    }
    await handleAll(rows, concurrency, handle);
    store.deleteAll(rows);
    await new Promise(setImmediate);
  }
}

async function handleAll(rows, concurrency, handle) {
  let next = 0;
  const lane = async () => {
    while (next < rows.length) await handle(decode(rows[next++]));
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, rows.length) }, lane));
}

function decode({ body, headers }) {
  const { type } = JSON.parse(headers);
  if (type !== 'order.placed') throw new Error(`Unknown message "${type}".`);
  const { orderId, placedAt, sentAt, note } = JSON.parse(body);
  return new OrderPlaced(orderId, new Date(placedAt), sentAt, note);
}

/** A change seen while nobody waits ends the next wait at once, so that none is missed. */
function watchLog(file) {
  let changed = false;
  let wake;
  watch(file, () => {
    changed = true;
    wake?.();
  });
  return async () => {
    if (!changed) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, LONGEST_SLEEP);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    wake = undefined;
    changed = false;
  };
}
