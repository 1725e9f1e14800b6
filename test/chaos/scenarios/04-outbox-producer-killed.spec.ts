import { describe, expect, it } from 'vitest';
import type { Lifetime } from '../../integration/redis/support/lifetime.js';
import { newId } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import type { Failpoint } from '../failpoints/failpoint.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import type { RigKind } from '../rigs/chaos-rig.js';
import { rigs } from '../rigs/rigs.js';
import { outboxIn } from './outbox-in.js';

/** A producer is killed with its second message; a second producer has one more. Resolves when that is handled. */
async function killedAt(rig: RigKind, at: Failpoint, lifetime: Lifetime): Promise<ChaosRun> {
  const run = await ChaosRun.start(rig, { app: (_rig, folder) => outboxIn(folder) }, lifetime);
  const first = run.producer('Plain', 2, { at, action: 'kill', passage: 2 });
  expect(await first.exited()).toEqual({ code: null, signal: 'SIGKILL' });
  await Promise.all([run.producer('Plain', 1).exited(), run.worker()]);
  // The relay keeps the order, so whatever was committed before has been forwarded, too.
  await run.until('the last message is handled', ({ handlings }) =>
    handlings.some(({ id, what }) => id === newId(run.id, 3) && what === 'effect'),
  );
  return run;
}

const numbersIn = (run: ChaosRun): readonly number[] =>
  run
    .effects()
    .map(({ id }) => Number(id.split('-').at(-1)))
    .toSorted((a, b) => a - b);

describe('scenario 4: a producer with an outbox that is killed', () => {
  for (const rig of rigs()) {
    describe.concurrent(`on ${rig.transport}`, () => {
      it(
        'after its commit has sent the message',
        async ({ onTestFinished }) => {
          const run = await killedAt(rig, 'after-outbox-commit', onTestFinished);
          await run.until('the message is handled', () => numbersIn(run).includes(2));
          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(numbersIn(run)).toEqual([1, 2, 3]);
        },
        2 * CHAOS_DEADLINE_MS,
      );

      it(
        'before its commit has sent nothing',
        async ({ onTestFinished }) => {
          const run = await killedAt(rig, 'before-commit', onTestFinished);
          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(numbersIn(run)).toEqual([1, 3]);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
