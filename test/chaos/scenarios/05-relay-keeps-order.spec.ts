import { describe, expect, it } from 'vitest';
import { newId } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { rigs } from '../rigs/rigs.js';
import { outboxIn } from './outbox-in.js';

const MESSAGES = 6;

/** How many a relay claims at once. The rest is there for its successor, and has to wait all the same. */
const TOGETHER = 4;

/** Of what the killed relay had claimed, in seconds: its successor has to ask before this is over. */
const LEASE_S = 3;

describe.concurrent('scenario 5: a relay that is killed before it has sent anything', () => {
  for (const rig of rigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'leaves all to its successor, which sends them once and in their order',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(
            rig,
            { app: (_rig, folder) => ({ ...outboxIn(folder, LEASE_S), relayedTogether: TOGETHER }) },
            onTestFinished,
          );
          // Else the lease might be over when it has booted.
          await run.app();
          expect((await run.producer('Keyed', MESSAGES).exited()).code).toBe(0);
          const relay = run.spawnWorker({
            receivers: ['db'],
            failpoints: [{ at: 'relay-before-send', action: 'kill' }],
          });
          expect(await relay.exited()).toEqual({ code: null, signal: 'SIGKILL' });
          await run.localWorker({ receivers: ['keyed'] });
          const ids = Array.from({ length: MESSAGES }, (_, index) => newId(run.id, index + 1));
          await run.until('everything is handled', () => run.effects().length >= MESSAGES);

          expect(faultsIn(await run.verdicts({ isOrdered: true }))).toEqual(NO_FAULT);
          expect(run.effects().map(({ id }) => id)).toEqual(ids);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
