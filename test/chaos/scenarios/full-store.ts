import { expect } from 'vitest';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { eventually } from '../../integration/redis/support/eventually.js';
import { Plain, Slow } from '../app/messages.js';
import type { ChaosRun } from '../chaos-run.js';
import type { LocalWorker } from '../local-worker.js';

/** Dispatches one message that has to be accepted, and resolves when it was handled. */
export async function passes(run: ChaosRun): Promise<void> {
  const messages = run.messages(Plain, 1);
  expect(await run.dispatch(...messages)).toEqual([]);
  await run.handled(messages);
}

/** The store of a run is full while a message is in hand, until the message was handled and a dispatch refused. */
export async function survivesFullStore(
  run: ChaosRun,
  worker: LocalWorker,
  setFull: (isFull: boolean) => void | Promise<void>,
): Promise<void> {
  const slow = new Slow(run.newId(), 'all', 1, 0, 1000);
  await run.dispatch(slow);
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
  } finally {
    await setFull(false);
  }
  run.outages.push({ from, to: Date.now() });
  await worker.says(true);
  await passes(run);
  await run.drained();
}
