import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRedisServer } from '../integration/redis/support/redis-server.js';
import { redisUrl, uniqueStream } from '../integration/redis/support/shared-redis.js';
import { fastestOf } from './support/fastest-of.js';
import { cpuTimeOf, isUsageKnown } from './support/process-usage.js';
import { Ordinary, Urgent } from './support/broker-app/messages.js';
import { BROKER_DEADLINE_MS, BrokerPlayground } from './support/broker-playground.js';
import { reportFigures } from './support/report-figures.js';
import { until } from './support/until.js';

const DONE = { code: 0, signal: null };
const TIMEOUT_MS = 3 * BROKER_DEADLINE_MS;
const WATCHED_MS = 3000;
/** One percent of a processor: on a machine with nothing else to do it is less than half of that. */
const IDLE_CPU_MS = WATCHED_MS * 0.01;

function setup(dsnOf = (stream: string) => redisUrl(stream)): BrokerPlayground {
  const playground = new BrokerPlayground({ queue: uniqueStream(), dsnOf });
  onTestFinished(() => playground[Symbol.asyncDispose]());
  return playground;
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a worker of two transports on one Redis', () => {
  it(
    'takes nothing from the second one before the first one is empty',
    async () => {
      const playground = setup();
      await playground.dispatch(range(300).map((number) => new Ordinary(number)));
      await playground.dispatch(range(300).map((number) => new Urgent(number)));

      const worker = playground.worker('high', 'low', '--limit=600');
      expect(await worker.exited()).toEqual(DONE);

      expect(playground.ledger).toEqual([
        ...range(300).map((number) => `urgent ${number}`),
        ...range(300).map((number) => `ordinary ${number}`),
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'turns to the first one as soon as it has a message, however much it has read ahead of the second one',
    async () => {
      const playground = setup();
      const asking = range(20).map((index) => 40 + index * 15);
      await playground.dispatch(range(400).map((number) => new Ordinary(number, asking.includes(number))));

      const worker = playground.worker('high', 'low', `--limit=${400 + asking.length}`);
      expect(await worker.exited()).toEqual(DONE);

      const { ledger } = playground;
      const handledBetween = asking.map(
        (number) => ledger.indexOf(`urgent ${number}`) - ledger.indexOf(`asked ${number}`) - 1,
      );
      // The one that had begun when the message arrived, and what a slow moment of the machine adds.
      expect(handledBetween.sort((a, b) => a - b)[asking.length / 2]).toBeLessThanOrEqual(2);
      expect(Math.max(...handledBetween)).toBeLessThan(15);
      expect(handledBetween.every((count) => count >= 0)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'waits for both with less than one read a second, and nothing else to begin it again',
    async () => {
      const server = await startRedisServer();
      const playground = setup((stream) => `${server.url}/${stream}`);
      await playground.runningWorker('high', 'low');
      const redis = server.client();
      const callsOf = async (command: string): Promise<number> => {
        const stats = await redis.info('commandstats');
        return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
      };
      // Now the two waits begin and end at different times.
      await playground.dispatch([new Ordinary(1)]);
      await playground.recorded('ordinary 1');
      await redis.config('RESETSTAT');
      await until('it waits again', async () => (await callsOf('xreadgroup')) > 1);
      await redis.config('RESETSTAT');
      const beganAt = performance.now();
      await sleep(WATCHED_MS);

      const seconds = Math.ceil((performance.now() - beganAt) / 1000);
      expect(await callsOf('xreadgroup')).toBeLessThanOrEqual(seconds + 2);
      // A look for messages of others keeps one of them busy now and then.
      expect(await callsOf('eval')).toBeLessThanOrEqual(2);
      await playground.dispatch([new Ordinary(2)]);
      await playground.recorded('ordinary 2');
    },
    TIMEOUT_MS,
  );

  it.runIf(isUsageKnown)(
    'uses less than one percent of a processor while both are empty',
    async () => {
      const playground = setup();
      const worker = await playground.runningWorker('high', 'low');
      const used = async (ms: number): Promise<number> => {
        const before = cpuTimeOf(worker.pid);
        await sleep(ms);
        return cpuTimeOf(worker.pid) - before;
      };
      // What is compiled and collected after the boot is no idleness.
      await until('it has calmed down', async () => (await used(200)) < 10);

      const least = await fastestOf(4, IDLE_CPU_MS, () => used(WATCHED_MS));

      reportFigures('idle', { percent: (100 * least) / WATCHED_MS });
      expect(least).toBeLessThan(IDLE_CPU_MS);
    },
    TIMEOUT_MS,
  );
});
