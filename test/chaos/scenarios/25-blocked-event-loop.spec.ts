import { describe, expect, it } from 'vitest';
import { Busy, Plain } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { rigs } from '../rigs/rigs.js';

/** How much longer than until another worker has the message, in milliseconds. */
const LONGER_MS = 1500;

const READ_AHEAD = 5;

describe.concurrent('scenario 25: a handler that blocks the event loop for longer than its lease', () => {
  for (const rig of rigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'has its message taken over, cannot settle it, and is named; nothing that was read ahead is begun',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          const busy = new Busy(run.newId(), 'all', 1, 0, run.rig.redeliveryMs + LONGER_MS);
          const others = run.messages(Plain, READ_AHEAD);
          await run.dispatch(busy, ...others);
          const first = run.spawnWorker({ args: ['--fetch-size=6', '--block-warning=1'] });
          await run.until('the handler blocks', () => run.starts(busy).length > 0);
          const from = Date.now();
          await run.localWorker();
          await run.handled([...others, busy]);
          await run.until('the first worker is back', () => run.settlements(busy, first).length > 0);
          run.stoodStill(first, { from, to: Date.now() });
          const warning = await first.written(/The event loop of worker .* stood still for .*/);

          expect(warning).toContain('Running meanwhile: ChaosHandlers.busy ("');
          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(run.starts(busy).map(({ deliveries }) => deliveries)).toEqual([1, 2]);
          const settled = run.settlements(busy, first).map(({ how, lost }) => ({ how, lost }));
          expect(settled).toEqual([{ how: 'ack', lost: run.rig.answersSettlements }]);
          expect(others.map((message) => run.effects(message).map(({ pid }) => pid))).toEqual(
            others.map(() => [process.pid]),
          );
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
