import fc from 'fast-check';
import { describe, it } from 'vitest';
import { fewestOf } from './fewest-steps.js';
import { DATABASES } from './queue-databases.js';
import { LEASE_MS, QueueRun } from './queue-run.js';
import { schedules, type Step } from './queue-steps.js';

/** How many schedules are tried on each database. @default what takes a few seconds */
const RUNS = process.env['MESSENGER_SCHEDULES'];

/** Of runs to be repeated: the seed that a failure tells. @default at random */
const SEED = process.env['MESSENGER_SCHEDULES_SEED'];

/** Long enough for some thousand schedules, and to find the fewest steps that fail. */
const TIMEOUT_MS = 600_000;

/** Runs random schedules, and throws the fewest steps of the first that fails. */
async function tryOut(count: number, run: (steps: readonly Step[]) => Promise<void>): Promise<void> {
  const { counterexample, errorInstance, seed } = await fc.check(fc.asyncProperty(schedules, run), {
    numRuns: count,
    endOnFailure: true,
    ...(SEED !== undefined && { seed: Number(SEED) }),
  });
  if (counterexample === null) {
    return;
  }
  // Steps that race do not fail each time: what they failed with last is kept.
  let cause = errorInstance;
  const fails = (steps: readonly Step[]): Promise<boolean> =>
    run(steps).then(
      () => false,
      (error: unknown) => {
        cause = error;
        return true;
      },
    );
  const steps = await fewestOf(counterexample[0], fails);
  const text = steps.map((step) => `\n  ${JSON.stringify(step)}`).join('');
  const report = `MESSENGER_SCHEDULES_SEED=${seed} fails with these steps:${text}\n${String(cause)}`;
  throw new Error(report, { cause });
}

describe.each(Object.entries(DATABASES))('queues in %s', (_, open) => {
  it(
    'hold and hand out what they must, whatever happens in whatever order',
    async () => {
      const database = open(LEASE_MS);
      let runs = 0;
      try {
        await tryOut(Number(RUNS ?? database.fewSchedules), (steps) =>
          new QueueRun(database, `r${(runs += 1)}`).run(steps),
        );
      } finally {
        await database.close();
      }
    },
    TIMEOUT_MS,
  );
});
