import { describe, expect, it } from 'vitest';
import { CHAOS_DEADLINE_MS } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { AMQP_START_MS } from '../rigs/amqp.rig.js';
import { rigs } from '../rigs/rigs.js';
import { randomRun } from './random-run.js';

/** Fixed, so that `npm test` tries the same each time. `npm run chaos -- --random` chooses others. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 68);
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? 1);

/**
 * Those in one line at the same time. With more of them, two processors are so busy that a process stands still for longer than its
 * lease by itself. MySQL only where it is asked for.
 */
const TOGETHER = [
  rigs('sqlite', 'redis'),
  rigs('amqp', 'postgres'),
  ...(process.env['CHAOS_SEED'] === undefined ? [] : [rigs('mysql')]),
];

describe.each(TOGETHER)('a randomised run', (...together) => {
  for (const rig of together) {
    const replay = `npm run chaos -- --random --transport=${rig.transport} --seed=${SEED} --minutes=${MINUTES}`;

    it.concurrent(
      `on ${rig.transport} loses nothing, and handles again only what was in hand`,
      async ({ onTestFinished }) => {
        console.info(`seed ${SEED} on ${rig.transport}: ${replay}`);
        const outcome = await randomRun(rig, SEED, MINUTES * 60_000, onTestFinished);
        console.info(JSON.stringify(outcome.figures));

        const { verdicts, account, leftovers, missing, strangers, unexpected } = outcome;
        expect(faultsIn(verdicts), `${account}\n${replay}`).toEqual(NO_FAULT);
        expect(unexpected, replay).toEqual([]);
        expect(leftovers.waiting, replay).toEqual([]);
        // What failed for good is kept, and only that.
        expect({ missing, strangers }, replay).toEqual({ missing: [], strangers: [] });
        expect(outcome.figures['messages'], replay).toBeGreaterThan(MINUTES * 300);
      },
      MINUTES * 60_000 + 4 * CHAOS_DEADLINE_MS + AMQP_START_MS,
    );
  }
});
