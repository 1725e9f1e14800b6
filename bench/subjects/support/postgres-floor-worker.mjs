import { now } from '../../harness/clock.mjs';
import { Alarm } from './alarm.mjs';
import { gather } from './gather.mjs';
import { handleAll } from './handle-all.mjs';
import { decodeOrder } from './order-codec.mjs';
import { connect, statementsFor } from './postgres-floor-store.mjs';

const CLAIMED_AT_ONCE = 250;
const LONGEST_SLEEP = 5_000;

/**
 * Claims the next messages while it handles those before, and deletes together what was handled in one turn of the event
 * loop. Sleeps until a notification comes or a message is due.
 *
 * @type {import('../../types.d.ts').StartWorker}
 */
export async function startFloorWorker({ address, concurrency, handle }) {
  const { claims, settle } = await openQueue(address, CLAIMED_AT_ONCE);
  const handleRow = async (row) => {
    await handle(decodeOrder(row));
    void settle(row.id);
  };
  let rows = await claims.next();
  for (;;) {
    const next = claims.next();
    await handleAll(rows, concurrency, handleRow);
    rows = await next;
  }
}

/**
 * Holds no message it does not handle: claims as many as it handles at a time, and goes on when they are deleted.
 *
 * @type {import('../../types.d.ts').StartWorker}
 */
export async function startStrictFloorWorker({ address, concurrency, handle }) {
  const { claims, settle } = await openQueue(address, concurrency);
  for (;;) {
    const rows = await claims.next();
    await handleAll(rows, concurrency, (row) => handle(decodeOrder(row)));
    await Promise.all(rows.map(({ id }) => settle(id)));
  }
}

/** One session claims and listens, another deletes. */
async function openQueue(address, max) {
  const statements = statementsFor(address);
  const [claimer, deleter] = await Promise.all([connect(address), connect(address)]);
  const alarm = new Alarm();
  claimer.on('notification', ({ payload }) => alarm.setTo(Number(payload)));
  await claimer.query(statements.listen());
  return {
    claims: new Claims(claimer, statements, alarm, max),
    settle: gather((ids) => deleter.query(statements.deleteAll(ids))),
  };
}

class Claims {
  #client;
  #statements;
  #alarm;
  #max;
  #isDrained = false;

  constructor(client, statements, alarm, max) {
    this.#client = client;
    this.#statements = statements;
    this.#alarm = alarm;
    this.#max = max;
  }

  /** The next messages in their order, as soon as there are any. */
  async next() {
    for (;;) {
      if (this.#isDrained) await this.#sleep();
      const rows = await this.#claim();
      this.#isDrained = rows.length < this.#max;
      if (rows.length > 0) return rows;
    }
  }

  async #claim() {
    this.#alarm.reset();
    const { rows } = await this.#client.query(this.#statements.claim(this.#max));
    return rows.sort((a, b) => a.id - b.id);
  }

  async #sleep() {
    const { rows } = await this.#client.query(this.#statements.nextDue());
    this.#alarm.setTo(now() + LONGEST_SLEEP);
    if (rows[0].due !== null) this.#alarm.setTo(Number(rows[0].due));
    await this.#alarm.sleep();
  }
}
