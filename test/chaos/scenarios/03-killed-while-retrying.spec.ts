import { describe, expect, it } from 'vitest';
import { Flaky } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import type { ArmedFailpoint, Failpoint } from '../failpoints/failpoint.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { rigs } from '../rigs/rigs.js';

const WORKER = { args: ['--concurrency=1', '--fetch-size=1'] };

/** Long enough for what was told to RabbitMQ before to reach it, in milliseconds: one that dies at once takes that with it. */
const ON_ITS_WAY_MS = 200;

/** A first worker fails to handle a message and is killed at any of these points, whichever comes first; a second takes over. */
async function killedAt(run: ChaosRun, ...points: readonly Failpoint[]) {
  const messages = run.messages(Flaky, 1);
  await run.dispatch(...messages);
  const first = run.spawnWorker({
    ...WORKER,
    failpoints: points.flatMap((at): readonly ArmedFailpoint[] => [
      { at, action: 'delay', ms: ON_ITS_WAY_MS },
      { at, action: 'kill' },
    ]),
  });
  expect(await first.exited()).toEqual({ code: null, signal: 'SIGKILL' });
  const second = await run.worker(WORKER);
  await run.handled(messages);
  return { messages, second };
}

describe('scenario 3: a worker that is killed while it replaces a failed message by its retry', () => {
  for (const rig of rigs('sqlite', 'redis', 'postgres', 'mysql')) {
    describe.concurrent(`on ${rig.transport}`, () => {
      it(
        'has done so wholly or not at all: there is one retry',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          // In two steps there would be a moment between them, in which the copy and the original are both there.
          const { messages } = await killedAt(run, 'after-retry-send-before-ack', 'after-requeue');
          await run.drained();

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          const handled = messages.map((message) => run.effects(message).map(({ attempt }) => attempt));
          expect(handled).toEqual([[2]]);
        },
        2 * CHAOS_DEADLINE_MS,
      );

      it(
        'loses nothing if it was killed before',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          const { messages } = await killedAt(run, 'before-send', 'before-requeue');
          await run.drained();

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(messages.map((message) => run.starts(message).map(({ attempt }) => attempt))).toEqual([
            [1, 1, 2],
          ]);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }

  for (const rig of rigs('amqp')) {
    describe.concurrent(`on ${rig.transport}`, () => {
      it(
        'leaves the original and its copy, which are the same message, and loses neither',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          const { messages, second } = await killedAt(run, 'after-retry-send-before-ack');
          await run.until('both are handled', () =>
            messages.every((message) => run.effects(message).length === 2),
          );
          await run.until('both are acknowledged', () =>
            messages.every(
              (message) => run.settlements(message, second).filter(({ how }) => how === 'ack').length === 2,
            ),
          );

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(messages.map((message) => run.effects(message).map(({ attempt }) => attempt))).toEqual([
            [2, 2],
          ]);
        },
        2 * CHAOS_DEADLINE_MS,
      );

      it(
        'leaves the original if it was killed before the copy was stored',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, {}, onTestFinished);
          const { messages } = await killedAt(run, 'before-send');

          expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
          expect(messages.map((message) => run.starts(message).map(({ attempt }) => attempt))).toEqual([
            [1, 1, 2],
          ]);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
