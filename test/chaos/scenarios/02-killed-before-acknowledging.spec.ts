import { describe, expect, it } from 'vitest';
import { Once, Plain } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { rigs } from '../rigs/rigs.js';
import { inboxOf } from './inbox-of.js';

describe('scenario 2: a worker that is killed after its handler finished, and before it acknowledged', () => {
  for (const rig of rigs()) {
    describe.concurrent(`on ${rig.transport}`, () => {
      it(
        'lets the message be handled once more, and no other',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          const messages = run.messages(Plain, 3);
          const [victim] = messages;
          await run.dispatch(...messages);
          const first = run.spawnWorker({
            args: ['--concurrency=1', '--fetch-size=1'],
            failpoints: [{ at: 'before-ack', action: 'kill', id: victim?.id ?? '' }],
          });
          expect(await first.exited()).toEqual({ code: null, signal: 'SIGKILL' });
          await run.worker();
          await run.until('the message is handled again', ({ handlings }) =>
            handlings.some((row) => row.id === victim?.id && row.pid !== first.pid && row.what === 'effect'),
          );
          await run.handled(messages);

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(messages.map((message) => run.effects(message).length)).toEqual([2, 1, 1]);
        },
        2 * CHAOS_DEADLINE_MS,
      );

      it(
        'changes nothing for an idempotent handler: the second delivery is skipped and acknowledged',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, { app: inboxOf }, onTestFinished);
          const messages = run.messages(Once, 1);
          await run.dispatch(...messages);
          const first = run.spawnWorker({ failpoints: [{ at: 'before-ack', action: 'kill' }] });
          expect(await first.exited()).toEqual({ code: null, signal: 'SIGKILL' });
          const second = await run.worker();
          await run.until('the second delivery is settled', ({ settlements }) =>
            settlements.some(({ what, pid }) => what === 'settled' && pid === second.pid),
          );

          expect(faultsIn(await run.verdicts({ exactlyOnce: ['once'] }))).toEqual(NO_FAULT);
          expect(run.effects()).toHaveLength(1);
          expect(run.ledger.read().notes.map(({ what }) => what)).toEqual(['skipped']);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
