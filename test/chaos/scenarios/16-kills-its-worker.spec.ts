import { describe, expect, it } from 'vitest';
import { Plain } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { rigs } from '../rigs/rigs.js';

const MAX_DELIVERIES = 2;

describe('scenario 16: a message that kills every worker that handles it', () => {
  for (const rig of rigs()) {
    describe.concurrent(`on ${rig.transport}`, () => {
      it(
        'goes to the failure transport after the allowed number of deliveries, and the others are handled',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(
            rig,
            { app: () => ({ maxDeliveries: MAX_DELIVERIES }) },
            onTestFinished,
          );
          const [poison, ...others] = run.messages(Plain, 3);
          const killers = poison === undefined ? [] : [poison];
          await run.dispatch(...killers, ...others);
          const start = () =>
            run.spawnWorker({
              failpoints: killers.map(({ id }) => ({
                at: 'before-handle',
                action: 'kill',
                always: true,
                id,
              })),
            });
          for (let delivery = 1; delivery <= MAX_DELIVERIES; delivery++) {
            expect(await start().exited()).toEqual({ code: null, signal: 'SIGKILL' });
          }
          await run.failed(killers, start());
          await run.handled(others);

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          const deliveries = killers.map((message) => run.starts(message).map((row) => row.deliveries));
          expect(deliveries).toEqual([[1, 2]]);
        },
        3 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
