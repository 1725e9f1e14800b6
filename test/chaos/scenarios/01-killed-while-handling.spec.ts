import { describe, expect, it } from 'vitest';
import { Plain } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { rigs } from '../rigs/rigs.js';

describe('scenario 1: a worker that is killed while its handler runs', () => {
  for (const rig of rigs()) {
    describe.concurrent(`on ${rig.transport}`, () => {
      it(
        'leaves the message to another worker, as the same message and a further delivery',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          const messages = run.messages(Plain, 3);
          const [victim] = messages;
          await run.dispatch(...messages);
          const first = run.spawnWorker({
            failpoints: [{ at: 'before-handle', action: 'kill', id: victim?.id ?? '' }],
          });
          expect(await first.exited()).toEqual({ code: null, signal: 'SIGKILL' });
          await run.worker();
          await run.handled(messages);

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          const starts = messages.slice(0, 1).flatMap((message) => run.starts(message));
          // A crash is a delivery and no attempt: it is not held against the message that its handler did not fail.
          expect(starts.map(({ deliveries }) => deliveries)).toEqual([1, 2]);
          expect(starts.map(({ attempt }) => attempt)).toEqual([1, 1]);
          expect(new Set(starts.map(({ messageId }) => messageId)).size).toBe(1);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
