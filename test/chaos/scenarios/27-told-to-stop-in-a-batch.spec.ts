import { describe, expect, it } from 'vitest';
import { Batched } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { rigs } from '../rigs/rigs.js';
import { inMemoryRig } from '../rigs/in-memory.rig.js';

/** Three batches, and something that is fetched with them. */
const MESSAGES = 14;

/** The first batch takes long enough for a signal to come in the middle of it. */
const SLOW_BATCH = { at: 'mid-batch', action: 'delay', ms: 500 } as const;

/** Whoever comes next handles what is left. Nothing of it was begun, so for its transport it is new. */
async function expectTheRestToBeNew(run: ChaosRun, messages: readonly Batched[]): Promise<void> {
  const finished = run.effects().length;
  expect(finished).toBeGreaterThanOrEqual(8);
  expect(finished).toBeLessThan(MESSAGES);
  await run.localWorker();
  await run.handled(messages);

  expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
  const deliveries = messages.map((message) => run.starts(message).map((row) => row.deliveries));
  expect(deliveries.filter(({ length }) => length !== 1)).toEqual([]);
  // RabbitMQ counts what was handed back as delivered.
  const ofTheRest = run.rig.transport === 'amqp' ? 2 : 1;
  expect(
    deliveries
      .flat()
      .toSorted((a, b) => a - b)
      .slice(finished),
  ).toEqual(Array.from({ length: MESSAGES - finished }, () => ofTheRest));
}

describe.concurrent('scenario 27: a worker that is told to stop in the middle of a batch', () => {
  for (const rig of rigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'finishes that and what it has begun, and gives back the rest as it was',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          const messages = run.messages(Batched, MESSAGES);
          await run.dispatchTogether(...messages);
          const worker = run.spawnWorker({ args: ['--fetch-size=20'], failpoints: [SLOW_BATCH] });
          await run.fired(worker);
          await run.stop();

          await expectTheRestToBeNew(run, messages);
        },
        2 * CHAOS_DEADLINE_MS,
      );

      it(
        'and is told again ends at once: what the batch has settled is done, and another one does the rest',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          const messages = run.messages(Batched, 4);
          await run.dispatchTogether(...messages);
          const worker = run.spawnWorker({
            args: ['--fetch-size=4'],
            failpoints: [{ at: 'mid-batch', action: 'hang' }],
          });
          await run.until('half of the batch is acknowledged', ({ settlements }) => {
            return settlements.filter(({ what, how }) => what === 'settled' && how === 'ack').length === 2;
          });
          worker.kill('SIGTERM');
          await worker.written(/stops: signal SIGTERM/);
          worker.kill('SIGTERM');
          expect(await worker.exited()).toEqual({ code: 143, signal: null });
          await run.localWorker();
          await run.handled(messages);
          await run.drained();

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(messages.map((message) => run.effects(message).length)).toEqual([1, 1, 1, 1]);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }

  describe('on in-memory', () => {
    it(
      'finishes that and what it has begun, and gives back the rest as it was',
      async ({ onTestFinished }) => {
        const run = await ChaosRun.start(inMemoryRig, { failpointsHere: [SLOW_BATCH] }, onTestFinished);
        const messages = run.messages(Batched, MESSAGES);
        await run.dispatchTogether(...messages);
        const worker = await run.localWorker({ fetchSize: 20 });
        await run.until('the batch is in its middle', ({ fired }) => fired.length > 0);
        await worker.stop();

        await expectTheRestToBeNew(run, messages);
      },
      2 * CHAOS_DEADLINE_MS,
    );
  });
});
