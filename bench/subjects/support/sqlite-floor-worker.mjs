import { watch } from 'node:fs';

import { handleAll } from './handle-all.mjs';
import { decodeOrder } from './order-codec.mjs';
import { openFloorStore } from './sqlite-floor-store.mjs';

const CLAIMED_AT_ONCE = 250;
const LONGEST_SLEEP = 1_000;

/**
 * Claims many, handles them, deletes them in one transaction; sleeps until the write-ahead log changes or
 * a message is due.
 *
 * @type {import('../../types.d.ts').StartWorker}
 */
export async function startFloorWorker({ address, concurrency, handle }) {
  const store = await openFloorStore(address);
  const wakeUp = watchLog(`${address}-wal`);
  for (;;) {
    const rows = store.claim(CLAIMED_AT_ONCE);
    if (rows.length === 0) {
      await wakeUp(Math.min(Math.max(1, store.nextDue() - Date.now()), LONGEST_SLEEP));
      continue;
    }
    await handleAll(rows, concurrency, (row) => handle(decodeOrder(row)));
    store.deleteAll(rows);
    await new Promise(setImmediate);
  }
}

/** A change seen while nobody waits ends the next wait at once, so that none is missed. */
function watchLog(file) {
  let changed = false;
  let wake;
  watch(file, () => {
    changed = true;
    wake?.();
  });
  return async (longest) => {
    if (!changed) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, longest);
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
