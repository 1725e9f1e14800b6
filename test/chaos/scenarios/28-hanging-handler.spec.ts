import { describe, expect, it } from 'vitest';
import { type ChaosMessage, Plain, Timed } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import type { ArmedFailpoint } from '../failpoints/failpoint.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { allRigs } from '../rigs/rigs.js';

/** The first message that comes is never done with. */
const HANG: ArmedFailpoint = { at: 'before-handle', action: 'hang' };

/** How long a worker that is told to stop waits for handlers, in milliseconds. */
const GRACE_MS = 200;

const startsOf = (run: ChaosRun, messages: readonly ChaosMessage[]) =>
  messages.flatMap((message) =>
    run.starts(message).map(({ attempt, deliveries }) => ({ attempt, deliveries })),
  );

describe.concurrent('scenario 28: a handler that hangs, and does not listen to its signal', () => {
  for (const rig of allRigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'has failed when its time is over, and the messages behind it and its retry are handled',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, { failpointsHere: [HANG] }, onTestFinished);
          const hanging = run.messages(Timed, 1);
          const others = run.messages(Plain, 3);
          await run.dispatch(...hanging, ...others);
          const worker = await run.localWorker();
          await run.handled([...hanging, ...others]);

          // It leaves nobody behind: what hangs is none of its own any more.
          expect(await worker.stop()).toMatchObject({ abandoned: 0 });
          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(startsOf(run, hanging).map(({ attempt }) => attempt)).toEqual([1, 2]);
        },
        2 * CHAOS_DEADLINE_MS,
      );

      it(
        'and has all the time in the world does not keep its worker from stopping: its message goes to another',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, { failpointsHere: [HANG] }, onTestFinished);
          const hanging = run.messages(Plain, 1);
          await run.dispatch(...hanging);
          const worker = await run.localWorker({ grace: GRACE_MS });
          await run.until('the handler hangs', ({ fired }) => fired.length > 0);
          const toldAt = performance.now();
          expect(await worker.stop()).toMatchObject({ abandoned: 1 });
          expect(performance.now() - toldAt).toBeLessThan(GRACE_MS + 2000);
          await run.renewApp();
          await run.localWorker();
          await run.handled(hanging);

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(startsOf(run, hanging)).toEqual([
            { attempt: 1, deliveries: 1 },
            { attempt: 1, deliveries: 2 },
          ]);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
