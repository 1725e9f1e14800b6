import { handleAll } from './handle-all.mjs';
import { decodeOrder } from './order-codec.mjs';
import { connect, createGroup, namesOf, readNew, settle } from './redis-floor-client.mjs';
import { moveDue } from './redis-floor-schedule.mjs';

const READ_AT_ONCE = 250;
const BLOCK_MS = 5_000;

/**
 * Reads the next messages while it handles those before, over a connection that may block; acknowledges over another.
 *
 * @type {import('../../types.d.ts').StartWorker}
 */
export async function startFloorWorker({ address, concurrency, handle }) {
  const { stream } = namesOf(address);
  const [reader, redis] = await Promise.all([connect(address), connect(address)]);
  await createGroup(redis, stream);
  await Promise.race([
    moveDue(redis, address),
    consume(reader, redis, stream, (rows) => handleAll(rows, concurrency, (row) => handle(decodeOrder(row)))),
  ]);
}

async function consume(reader, redis, stream, handleRows) {
  let settled;
  let next = readNew(reader, stream, READ_AT_ONCE, BLOCK_MS);
  for (;;) {
    const rows = await next;
    next = readNew(reader, stream, READ_AT_ONCE, BLOCK_MS);
    if (rows.length === 0) continue;
    await handleRows(rows);
    await settled;
    settled = settle(redis, stream, rows);
  }
}
