import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { RELEASED_CONSUMER } from '../../lib/transports/redis/redis.consumer-name.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RedisInstance } from '../integration/redis/support/redis-instance.js';
import { startRedisServer } from '../integration/redis/support/redis-server.js';
import { CrashLedger } from './support/crash-ledger.js';
import type { Outage } from './support/job-ledger.js';
import { BROKER_DEADLINE_MS, BrokerPlayground } from './support/broker-playground.js';
import { reportFigures } from './support/report-figures.js';
import { SupervisedWorker } from './support/supervised-worker.js';
import { until } from './support/until.js';

/** For how long workers are killed; 30 is a full run, after which MESSENGER_FIGURES=1 tells what happened. */
const SECONDS = Number(process.env['MESSENGER_CRASH_SECONDS'] ?? 4);
const KILL_EVERY_MS = 300;
/** How the server is restarted, after one third of the time and after two. */
const RESTARTS = ['SIGKILL', 'SIGTERM'] as const;
const STREAM = 'jobs';
const GROUP = 'symfony';
/** The last one gets a name that is unique to its process. */
const CONSUMER_NAMES = ['slot-1', 'slot-2', 'slot-3', ''];

async function setup() {
  const server = await startRedisServer({ appendonly: true, config: ['appendfsync always'] });
  const playground = new BrokerPlayground({
    queue: STREAM,
    dsnOf: (stream) => `${server.url}/${stream}?redeliver_timeout=2&claim_interval=500`,
    // Where workers are killed all the time, a message may be in their hands often without being to blame.
    maxDeliveries: 1000,
  });
  onTestFinished(() => playground[Symbol.asyncDispose]());
  const workers = CONSUMER_NAMES.map((name) => {
    const env = { MESSENGER_CONSUMER_NAME: name };
    const worker = new SupervisedWorker(() =>
      playground.spawn('worker.js', ['async', '--concurrency=10'], env),
    );
    onTestFinished(() => worker.giveUp());
    return worker;
  });
  const allConsume = () => workers.every(({ isConsuming }) => isConsuming);
  await until('all workers consume', allConsume, BROKER_DEADLINE_MS);
  return { server, playground, workers, redis: server.client() };
}

/**
 * Kills a worker every 300 ms and restarts the server meanwhile. Never the last that works: somebody has to see the restarts.
 * Resolves with the times without a server.
 */
async function interrupt(
  workers: readonly SupervisedWorker[],
  server: RedisInstance,
): Promise<readonly Outage[]> {
  const outages: Promise<Outage>[] = [];
  const turns = Math.floor((SECONDS * 1000) / KILL_EVERY_MS);
  for (let turn = 1; turn <= turns; turn++) {
    await sleep(KILL_EVERY_MS);
    const victims = workers.filter(({ isConsuming }) => isConsuming);
    if (victims.length > 1) {
      victims[Math.floor(Math.random() * victims.length)]?.kill();
    }
    const signal = RESTARTS[outages.length];
    if (signal !== undefined && turn >= Math.floor((turns / 3) * (outages.length + 1))) {
      outages.push(restart(server, signal));
    }
  }
  return Promise.all(outages);
}

async function restart(server: RedisInstance, signal: (typeof RESTARTS)[number]): Promise<Outage> {
  const from = Date.now();
  await server.kill(signal);
  await server.restart();
  return { from, to: Date.now() };
}

/**
 * The consumers of the group, but for those of processes that were killed under a name of their own, and for the one that stands
 * for what was handed back; both are removed after a while.
 */
async function consumersLeft(redis: Redis, killed: ReadonlySet<number>): Promise<readonly string[]> {
  const consumers = (await redis.xinfo('CONSUMERS', STREAM, GROUP)) as string[][];
  const names = consumers.map(([, name]) => String(name));
  const lasting = names.filter((name) => name !== RELEASED_CONSUMER);
  return lasting.filter((name) => !killed.has(Number(/-(\d+)-[0-9a-f]+$/.exec(name)?.[1])));
}

/** Resolves when the process that each worker has now holds the worker's name. */
async function takeTheirPlaces(workers: readonly SupervisedWorker[], redis: Redis): Promise<void> {
  const areInPlace = async () => {
    const keys = await redis.keys(`${STREAM}__consumer:*`);
    const leases = keys.length === 0 ? [] : await redis.mget(keys);
    const pids = leases.map((lease) => (JSON.parse(lease ?? '{}') as { pid?: number }).pid);
    return workers.every(({ pid }) => pids.includes(pid));
  };
  await until('each worker has its name', areInPlace, BROKER_DEADLINE_MS);
}

/** The keys that stay for ever. */
async function lastingKeys(redis: Redis): Promise<readonly string[]> {
  const keys = await redis.keys('*');
  const ttls = await Promise.all(keys.map((key) => redis.pttl(key)));
  return keys.filter((_, index) => ttls[index] === -1);
}

describe('workers that are killed while their Redis is restarted', () => {
  it(
    'lose no message, and run again only what was in hand',
    async () => {
      const { server, playground, workers, redis } = await setup();
      const producer = playground.spawn('producer.js', []);
      await producer.written(/dispatches/);
      const outages = await interrupt(workers, server);
      producer.kill('SIGTERM');
      expect(await producer.exited()).toEqual({ code: 0, signal: null });
      const isDrained = async () => {
        const { ready, inFlight = 0, delayed = 0 } = await playground.counts('async');
        return ready + inFlight + delayed === 0;
      };
      await until('everything is handled', isDrained, BROKER_DEADLINE_MS + SECONDS * 1000);
      await takeTheirPlaces(workers, redis);
      await Promise.all(workers.map((worker) => worker.stop()));

      const killedAt = new Map(workers.flatMap((worker) => [...worker.killedAt]));
      const ledger = new CrashLedger(playground.ledgers, { killedAt, outages });
      reportFigures('crash', ledger.figures);
      expect(ledger.lost).toEqual([]);
      expect(ledger.unexplained).toEqual([]);
      expect(ledger.afterSettling).toEqual([]);
      expect(ledger.early).toEqual([]);
      expect(workers.flatMap(({ unexpected }) => unexpected)).toEqual([]);
      // There was something to see.
      expect(ledger.accepted.length).toBeGreaterThan(SECONDS * 10);
      expect(ledger.unsettled.length).toBeGreaterThan(0);
      // Nothing is left behind.
      const expected = [STREAM, `${STREAM}__readers`, `${STREAM}__signals`];
      expect(expected).toEqual(expect.arrayContaining([...(await lastingKeys(redis))]));
      expect(await redis.xlen(STREAM)).toBe(0);
      expect(await redis.xpending(STREAM, GROUP)).toEqual([0, null, null, null]);
      expect(await consumersLeft(redis, new Set(killedAt.keys()))).toEqual([]);
    },
    2 * SECONDS * 1000 + 4 * BROKER_DEADLINE_MS,
  );
});
