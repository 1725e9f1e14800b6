import fc from 'fast-check';
import { describe, it } from 'vitest';
import { DATABASES } from './queue-databases.js';
import { LEASE_MS, QueueRun } from './queue-run.js';
import { schedules } from './queue-steps.js';

/** How many schedules are tried on each database. @default what takes a few seconds */
const RUNS = process.env['MESSENGER_SCHEDULES'];

/** Of a run to be repeated: the seed that a failure tells, and its path. @default at random */
const SEED = process.env['MESSENGER_SCHEDULE_SEED'];
const PATH = process.env['MESSENGER_SCHEDULE_PATH'];

/** Shrinking a schedule takes a while. */
const TIMEOUT_MS = 300_000;

describe.each(Object.entries(DATABASES))('queues in %s', (_, open) => {
  it(
    'hold and hand out what they must, whatever happens in whatever order',
    async () => {
      const database = open(LEASE_MS);
      let runs = 0;
      try {
        const property = fc.asyncProperty(schedules, async (steps) => {
          runs += 1;
          await new QueueRun(database, `r${runs}`).run(steps);
        });
        await fc.assert(property, {
          numRuns: Number(RUNS ?? database.fewSchedules),
          interruptAfterTimeLimit: TIMEOUT_MS - 20_000,
          ...(SEED !== undefined && { seed: Number(SEED) }),
          ...(PATH !== undefined && { path: PATH }),
        });
      } finally {
        await database.close();
      }
    },
    TIMEOUT_MS,
  );
});
