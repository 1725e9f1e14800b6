import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Flaky, Plain, Slow } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import type { RigKind } from '../rigs/chaos-rig.js';
import { allRigs, rigs } from '../rigs/rigs.js';

const TEN_MINUTES_MS = 600_000;

/** For which messages are delayed, in milliseconds. */
const DELAY_MS = 1000;

/** How long a handler takes, in milliseconds: its lease is prolonged once at least. */
const WORK_MS = 1500;

/** Sets the clock of this process until the end of the test. */
function setClock(by: number): void {
  const now = Date.now.bind(Date);
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => now() + by);
  onTestFinished(() => spy.mockRestore());
}

/** The clock is set forward while one of two workers handles a message, and another message is delayed. */
async function setForward(rig: RigKind) {
  const run = await ChaosRun.start(rig);
  await run.localWorker();
  await run.localWorker();
  const slow = new Slow(run.newId(), 'all', 1, 0, WORK_MS);
  const sentAt = performance.now();
  const delayed = new Plain(run.newId(), 'all', 2, Date.now() + DELAY_MS);
  await run.dispatch(slow, delayed);
  await run.until('the handler runs', () => run.starts(slow).length > 0);
  setClock(TEN_MINUTES_MS);
  await run.handled([delayed]);
  const delayedFor = performance.now() - sentAt;
  await run.handled([slow]);
  return { run, slow, delayed, delayedFor };
}

describe('scenario 26: the clock of a machine that is set', () => {
  for (const rig of allRigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'back by ten minutes keeps its workers from nothing that comes, or comes again',
        async () => {
          const run = await ChaosRun.start(rig);
          await run.localWorker({ sleep: 200 });
          setClock(-TEN_MINUTES_MS);
          const [delayed] = run
            .messages(Plain, 1)
            .map(({ id }) => new Plain(id, 'all', 1, Date.now() + DELAY_MS));
          const messages = [...(delayed === undefined ? [] : [delayed]), ...run.messages(Flaky, 2)];
          await run.dispatch(...messages.slice(0, 1));
          await run.handled(messages.slice(0, 1));
          await run.dispatch(...messages.slice(1));
          await run.handled(messages);

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(run.effects()).toHaveLength(messages.length);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }

  for (const rig of rigs('redis', 'amqp', 'postgres', 'mysql')) {
    describe(`on ${rig.transport}`, () => {
      it(
        'forward by ten minutes makes nothing come early, and takes nothing from who has it',
        async () => {
          const { run, delayedFor } = await setForward(rig);

          expect(delayedFor).toBeGreaterThanOrEqual(DELAY_MS - 1);
          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(run.effects()).toHaveLength(2);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }

  for (const rig of rigs('in-memory', 'sqlite')) {
    describe(`on ${rig.transport}`, () => {
      it(
        'forward by ten minutes loses nothing; what is in hand may come once more, and then its first handler is told',
        async () => {
          const { run, slow, delayed } = await setForward(rig);
          await run.drained();
          const { lost, stuck } = await run.verdicts();

          expect([lost, stuck]).toEqual([[], []]);
          expect(run.effects(delayed)).toHaveLength(1);
          const deliveries = run.starts(slow).map((row) => row.deliveries);
          expect([[1], [1, 2]]).toContainEqual(deliveries);
          expect(run.effects(slow)).toHaveLength(deliveries.length);
          expect(run.ledger.read().notes.map(({ what, id }) => ({ what, id }))).toEqual(
            deliveries.slice(1).map(() => ({ what: 'aborted', id: slow.id })),
          );
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
