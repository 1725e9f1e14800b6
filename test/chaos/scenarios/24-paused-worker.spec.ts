import { describe, expect, it } from 'vitest';
import type { Lifetime } from '../../integration/redis/support/lifetime.js';
import { Slow } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import type { Failpoint } from '../failpoints/failpoint.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { type RigKind } from '../rigs/chaos-rig.js';
import { rigs } from '../rigs/rigs.js';

/** How long the handler takes, in milliseconds: longer than it takes a worker to look after its leases. */
const WORK_MS = 1200;

/** A first worker stops at the point for as long as a second one needs to get the message. Then it goes on. */
async function pausedAt(rig: RigKind, at: Failpoint, lifetime: Lifetime) {
  const run = await ChaosRun.start(rig, {}, lifetime);
  const message = new Slow(run.newId(), 'all', 1, 0, WORK_MS);
  await run.dispatch(message);
  const first = run.spawnWorker({ failpoints: [{ at, action: 'pause' }] });
  await run.fired(first);
  const second = await run.worker();
  await run.until('the second worker has the message', ({ handlings }) =>
    handlings.some(({ pid }) => pid === second.pid),
  );
  first.kill('SIGCONT');
  await run.until('both have ended', () =>
    [first, second].every((worker) => run.settlements(message, worker).length > 0),
  );
  return { run, message, first, second };
}

describe('scenario 24: a worker that was stopped for longer than its lease', () => {
  for (const rig of rigs()) {
    describe.concurrent(`on ${rig.transport}`, () => {
      it(
        'cannot acknowledge a message that another worker is handling by then',
        async ({ onTestFinished }) => {
          const { run, message, first, second } = await pausedAt(rig, 'after-handle', onTestFinished);

          const [stale, owner] = [first, second].map((worker) => run.settlements(message, worker));
          // RabbitMQ has closed the connection, and what is written to it is lost, whether its process knows or not.
          const isTold = run.rig.answersSettlements ? [true] : stale?.map(({ lost }) => lost);
          expect(stale?.map(({ how, lost }) => ({ how, lost }))).toEqual(
            isTold?.map((lost) => ({ how: 'ack', lost })),
          );
          expect(owner?.map(({ how, lost }) => ({ how, lost }))).toEqual([{ how: 'ack', lost: false }]);
          // It answered the first worker before the second one was done, so it was not for want of the message.
          expect(stale?.[0]?.n).toBeLessThan(owner?.[0]?.n ?? 0);
          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
        },
        2 * CHAOS_DEADLINE_MS,
      );

      it(
        'tells its handler that the message is not its own any more',
        async ({ onTestFinished }) => {
          const { run, message, first } = await pausedAt(rig, 'before-handle', onTestFinished);

          const notes = run.ledger.read().notes.map(({ what, id, pid }) => ({ what, id, pid }));
          expect(notes).toEqual([{ what: 'aborted', id: message.id, pid: first.pid }]);
          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
