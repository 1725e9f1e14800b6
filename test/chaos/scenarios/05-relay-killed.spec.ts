import { describe, expect, it } from 'vitest';
import { newId } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { rigs } from '../rigs/rigs.js';
import { outboxIn } from './outbox-in.js';

const MESSAGES = 4;

describe('scenario 5: a relay that is killed', () => {
  for (const rig of rigs()) {
    describe.concurrent(`on ${rig.transport}`, () => {
      for (const { at, copies } of [
        { at: 'relay-mid-batch', copies: [2, 2, 1, 1] },
        { at: 'relay-before-settle', copies: [2, 2, 2, 2] },
      ] as const) {
        it(
          `at ${at} loses nothing, and its successor sends again what was not taken off`,
          async ({ onTestFinished }) => {
            const run = await ChaosRun.start(
              rig,
              { app: (_rig, folder) => outboxIn(folder) },
              onTestFinished,
            );
            expect((await run.producer('Plain', MESSAGES).exited()).code).toBe(0);
            // It serves the outbox, and consumes nothing of the target.
            const relay = run.spawnWorker({ receivers: ['db'], failpoints: [{ at, action: 'kill' }] });
            expect(await relay.exited()).toEqual({ code: null, signal: 'SIGKILL' });
            await run.worker();
            const ids = copies.map((_, index) => newId(run.id, index + 1));
            const effectsOf = () => ids.map((id) => run.effects().filter((row) => row.id === id).length);
            await run.until('everything is handled', () => copies.join() === effectsOf().join());

            expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
            expect(effectsOf()).toEqual(copies);
          },
          2 * CHAOS_DEADLINE_MS,
        );
      }
    });
  }
});
