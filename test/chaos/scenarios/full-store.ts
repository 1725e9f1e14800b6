import { expect } from 'vitest';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { eventually } from '../../integration/redis/support/eventually.js';
import { Plain, Slow } from '../app/messages.js';
import type { ChaosRun } from '../chaos-run.js';
import type { LocalWorker } from '../local-worker.js';

/** Until a message is due that was accepted before, in milliseconds. */
const DUE_MS = 1500;

/** For how long it is due while there is no room: a worker that asks has been refused by then. */
const REFUSED_MS = 500;

/** Dispatches one message that has to be accepted, and resolves when it was handled. */
export async function passes(run: ChaosRun): Promise<void> {
  const messages = run.messages(Plain, 1);
  expect(await run.dispatch(...messages)).toEqual([]);
  await run.handled(messages);
}

/**
 * The store of a run is full while a message is in hand and another falls due, until the one was handled and a dispatch refused. Not
 * every store hands out what is due while it is full.
 */
export async function survivesFullStore(
  run: ChaosRun,
  worker: LocalWorker,
  setFull: (isFull: boolean) => void | Promise<void>,
): Promise<void> {
  const slow = new Slow(run.newId(), 'all', 1, 0, 1000);
  const due = new Plain(run.newId(), 'all', 1, Date.now() + DUE_MS);
  expect(await run.dispatch(slow, due)).toEqual([]);
  await run.until('it was in hand', () => run.starts(slow).length > 0);
  const from = Date.now();
  await setFull(true);
  try {
    const refusal = await eventually('a dispatch was refused', async () => {
      const [error] = await run.dispatch(...run.messages(Plain, 1));
      return error;
    });
    expect(refusal).toBeInstanceOf(TransportError);
    await run.handled([slow]);
    await eventually('it was due', () => Date.now() > due.dueAt + REFUSED_MS);
  } finally {
    await setFull(false);
  }
  run.outages.push({ from, to: Date.now() });
  await worker.says(true);
  await run.handled([due]);
  await passes(run);
  await run.drained();
}
