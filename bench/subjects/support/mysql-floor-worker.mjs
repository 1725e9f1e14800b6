import { now } from '../../harness/clock.mjs';
import { gather } from './gather.mjs';
import { handleAll } from './handle-all.mjs';
import { openFloorStore } from './mysql-floor-store.mjs';
import { decodeOrder } from './order-codec.mjs';

const CLAIMED_AT_ONCE = 250;
const SHORTEST_SLEEP = 1;
const LONGEST_SLEEP = 1_000;

/**
 * Claims the next messages on one session while it handles those before, and deletes together on another what was
 * handled in one turn of the event loop. MySQL calls nobody, so it looks again and again.
 *
 * @type {import('../../types.d.ts').StartWorker}
 */
export async function startFloorWorker({ address, concurrency, handle }) {
  const [claims, deletes] = await Promise.all([openFloorStore(address), openFloorStore(address)]);
  const settle = gather((ids) => deletes.deleteAll(ids));
  const handleRow = async (row) => {
    await handle(decodeOrder(row));
    void settle(row.id);
  };
  let rows = await nextOf(claims, false);
  for (;;) {
    const next = nextOf(claims, rows.length < CLAIMED_AT_ONCE);
    await handleAll(rows, concurrency, handleRow);
    rows = await next;
  }
}

async function nextOf(store, isDrained) {
  let rows = isDrained ? [] : await store.claim(CLAIMED_AT_ONCE);
  while (rows.length === 0) {
    await untilDue(store);
    rows = await store.claim(CLAIMED_AT_ONCE);
  }
  return rows;
}

/** Looks less often the longer nothing came, so that a message waits no longer than half as long as the one before. */
async function untilDue(store) {
  const since = now();
  for (let due = await store.nextDue(); due > now(); due = await store.nextDue()) {
    const sleep = Math.min(Math.max((now() - since) / 2, SHORTEST_SLEEP), LONGEST_SLEEP);
    await new Promise((resolve) => setTimeout(resolve, Math.ceil(Math.min(sleep, due - now()))));
  }
}
