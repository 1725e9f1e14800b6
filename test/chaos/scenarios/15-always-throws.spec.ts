import { describe, expect, it } from 'vitest';
import { MessengerEvents } from '../../../lib/event/messenger-events.js';
import { WorkerMessageRetriedEvent } from '../../../lib/event/worker-message-retried.event.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { isListable } from '../../../lib/transport/capabilities.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { Plain, Poison } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { allRigs } from '../rigs/rigs.js';

const RETRY = { maxRetries: 2, delay: 200, multiplier: 2, jitter: 0 };

/** What the messages in the failure transport say of why they are there. */
async function errorsOfFailed(run: ChaosRun): Promise<readonly string[]> {
  const failed = (await run.app()).get(TransportRegistry).get('failed');
  const errors: string[] = [];
  for await (const envelope of isListable(failed) ? failed.all() : []) {
    errors.push(envelope.last(ErrorDetailsStamp)?.errorMessage ?? '');
  }
  return errors;
}

describe.concurrent('scenario 15: a handler that always throws', () => {
  for (const rig of allRigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'is called with growing pauses, then its message is in the failure transport with its error; others pass it',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, { app: () => ({ retry: RETRY }) }, onTestFinished);
          const poison = run.messages(Poison, 1);
          const others = run.messages(Plain, 5);
          const delays: number[] = [];
          const events = (await run.app()).get(MessengerEvents);
          events.on(WorkerMessageRetriedEvent, ({ delay }) => void delays.push(delay));
          await run.dispatch(...poison, ...others);
          await run.localWorker();
          await run.failed(poison);
          await run.handled(others);

          expect(await errorsOfFailed(run)).toEqual(poison.map(({ id }) => `Message "${id}" fails always.`));
          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          const [first, second, third, ...more] = poison.flatMap((message) => run.starts(message));
          expect([first, second, third].map((row) => row?.attempt)).toEqual([1, 2, 3]);
          expect(more).toEqual([]);
          // On a busy machine all pauses are long, so it is asked for how long they were meant to be.
          expect(delays).toEqual([RETRY.delay, RETRY.delay * RETRY.multiplier]);
          // Clocks of two machines are between them.
          const pauses = [(second?.at ?? 0) - (first?.at ?? 0), (third?.at ?? 0) - (second?.at ?? 0)];
          expect(pauses[0]).toBeGreaterThanOrEqual(RETRY.delay - 5);
          expect(pauses[1]).toBeGreaterThanOrEqual(RETRY.delay * RETRY.multiplier - 5);
          expect(run.effects().filter(({ n }) => n < (second?.n ?? 0))).toHaveLength(others.length);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
