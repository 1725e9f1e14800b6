import { handleAll } from './handle-all.mjs';
import { decodeOrder } from './order-codec.mjs';
import { connect, createGroup, namesOf, readNew, settle } from './redis-floor-client.mjs';

const BLOCK_MS = 5_000;

/**
 * Holds no message it does not handle: reads as many as it handles at a time, and reads on when they are settled.
 *
 * @type {import('../../types.d.ts').StartWorker}
 */
export async function startStrictFloorWorker({ address, concurrency, handle }) {
  const { stream } = namesOf(address);
  const redis = await connect(address);
  await createGroup(redis, stream);
  for (;;) {
    const rows = await readNew(redis, stream, concurrency, BLOCK_MS);
    if (rows.length === 0) continue;
    await handleAll(rows, concurrency, (row) => handle(decodeOrder(row)));
    await settle(redis, stream, rows);
  }
}
