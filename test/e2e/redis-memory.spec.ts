import { describe, expect, it, onTestFinished } from 'vitest';
import { redisUrl, uniqueStream } from '../integration/redis/support/shared-redis.js';
import { isUsageKnown, peakMemoryOf, residentMemoryOf } from './support/process-usage.js';
import { Trifle } from './support/broker-app/messages.js';
import { BROKER_DEADLINE_MS, BrokerPlayground } from './support/broker-playground.js';
import { reportFigures } from './support/report-figures.js';
import type { Spawned } from './support/spawned.js';
import { until } from './support/until.js';

const BACKLOG = 100_000;
const SENT_TOGETHER = 5000;
const TEXT = 'x'.repeat(200);
/** A booted worker occupies some 95; to keep but 2 KB of each message would take 200 more. */
const MOST_MEGABYTES = 256;

function setup(): BrokerPlayground {
  const stream = uniqueStream();
  const playground = new BrokerPlayground({ queue: stream, dsnOf: (name) => redisUrl(name) });
  onTestFinished(() => playground[Symbol.asyncDispose]());
  return playground;
}

/** Watches a process to its end. Resolves with the most it ever occupied, in megabytes. */
async function peakOf(worker: Spawned): Promise<number> {
  let peak = 0;
  await until(
    'the backlog is handled',
    () => {
      peak = peakMemoryOf(worker.pid) ?? peak;
      return worker.hasExited;
    },
    2 * BROKER_DEADLINE_MS,
  );
  return peak;
}

describe('a worker with a long backlog in Redis', () => {
  it.runIf(isUsageKnown)(
    'handles 100,000 messages without occupying more and more memory',
    async () => {
      const playground = setup();
      for (let sent = 0; sent < BACKLOG; sent += SENT_TOGETHER) {
        await playground.dispatch(Array.from({ length: SENT_TOGETHER }, () => new Trifle(TEXT)));
      }
      const args = [`--limit=${BACKLOG}`, `--memory-limit=${MOST_MEGABYTES}M`, '--concurrency=20'];
      const worker = await playground.runningWorker('async', ...args);
      const startedAt = performance.now();
      const booted = residentMemoryOf(worker.pid);

      const peak = await peakOf(worker);

      const seconds = (performance.now() - startedAt) / 1000;
      reportFigures('memory', { booted, peak, seconds });
      expect(await worker.exited()).toEqual({ code: 0, signal: null });
      expect(worker.stdout).toContain(`stops: the limit of ${BACKLOG} message(s) is reached.`);
      expect(worker.stdout).toContain(`handled ${BACKLOG} message(s), 0 failed`);
      expect(peak).toBeGreaterThan(0);
      expect(peak).toBeLessThan(MOST_MEGABYTES);
      expect(await playground.counts('async')).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    },
    4 * BROKER_DEADLINE_MS,
  );
});
