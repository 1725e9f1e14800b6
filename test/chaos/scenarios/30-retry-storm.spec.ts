import { describe, expect, it } from 'vitest';
import { MessengerEvents } from '../../../lib/event/messenger-events.js';
import { WorkerMessageHandledEvent } from '../../../lib/event/worker-message-handled.event.js';
import { WorkerMessageRetriedEvent } from '../../../lib/event/worker-message-retried.event.js';
import { until } from '../../e2e/support/until.js';
import { Flaky, Keyed } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { allRigs } from '../rigs/rigs.js';

/** How many fail at once. */
const FAILURES = process.env['CHAOS_FULL'] === '1' ? 50_000 : 500;

/** How long all of that may take, in milliseconds: each of them is handled twice, and written down four times. */
const PATIENCE_MS = CHAOS_DEADLINE_MS + FAILURES * 10;

const RETRY = { maxRetries: 1, delay: 1000, multiplier: 1, jitter: 0.5 };

/** Counts what happens, which takes less time than to read the ledger again and again, and tells for how long retries wait. */
async function listening(run: ChaosRun) {
  const events = (await run.app()).get(MessengerEvents);
  const delays: number[] = [];
  const seen = { delays, handled: 0 };
  events.on(WorkerMessageRetriedEvent, ({ delay }) => {
    delays.push(delay);
  });
  events.on(WorkerMessageHandledEvent, () => {
    seen.handled += 1;
  });
  return seen;
}

describe('scenario 30: many messages that fail, and are retried, at once', () => {
  for (const rig of allRigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'come back spread over time, each once, and are overtaken by what has priority',
        async () => {
          const run = await ChaosRun.start(rig, { app: () => ({ retry: RETRY }) });
          const storm = run.messages(Flaky, FAILURES);
          const urgent = run.messages(Keyed, 1);
          await run.dispatchTogether(...storm);
          const seen = await listening(run);
          await run.localWorker({ receivers: ['keyed', 'async'], concurrency: 20 });
          await until('half have failed', () => seen.delays.length >= FAILURES / 2, PATIENCE_MS);
          await run.dispatch(...urgent);
          await until('all are handled', () => seen.handled > FAILURES, PATIENCE_MS);

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(run.effects()).toHaveLength(FAILURES + 1);
          expect(seen.delays).toHaveLength(FAILURES);
          expect(Math.min(...seen.delays)).toBeLessThan(RETRY.delay * (1 - RETRY.jitter / 2));
          expect(Math.max(...seen.delays)).toBeGreaterThan(RETRY.delay * (1 + RETRY.jitter / 2));
          const last = Math.max(...run.effects().map(({ n }) => n));
          expect(urgent.flatMap((message) => run.effects(message)).every(({ n }) => n < last)).toBe(true);
        },
        3 * PATIENCE_MS,
      );
    });
  }
});
