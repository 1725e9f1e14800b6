import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PostgresInstance } from '../integration/postgres/support/postgres-instance.js';
import { BROKER_DEADLINE_MS, BrokerPlayground } from './support/broker-playground.js';
import { CrashLedger } from './support/crash-ledger.js';
import type { Outage } from './support/job-ledger.js';
import { reportFigures } from './support/report-figures.js';
import { SupervisedWorker } from './support/supervised-worker.js';
import { until } from './support/until.js';

/** For how long workers are killed; 30 is a full run, after which MESSENGER_FIGURES=1 tells what happened. */
const SECONDS = Number(process.env['MESSENGER_CRASH_SECONDS'] ?? 4);
const KILL_EVERY_MS = 300;
const WORKERS = 4;
/** How the server is restarted, after one third of the time and after two: "immediate", as if it crashed, and "fast". */
const RESTARTS = ['SIGQUIT', 'SIGINT'] as const;
const TABLE = 'messenger_messages';

async function setup() {
  const server = await PostgresInstance.start();
  onTestFinished(() => server.remove());
  const playground = new BrokerPlayground({
    queue: 'jobs',
    dsnOf: (queue) =>
      server.dsn({ queue_name: queue, redeliver_timeout: '2', check_delayed_interval: '500' }),
    // Where workers are killed all the time, a message may be in their hands often without being to blame.
    maxDeliveries: 1000,
  });
  onTestFinished(() => playground[Symbol.asyncDispose]());
  const workers = Array.from({ length: WORKERS }, () => {
    const worker = new SupervisedWorker(() => playground.spawn('worker.js', ['async', '--concurrency=10']));
    onTestFinished(() => worker.giveUp());
    return worker;
  });
  const allConsume = () => workers.every(({ isConsuming }) => isConsuming);
  await until('all workers consume', allConsume, BROKER_DEADLINE_MS);
  return { server, playground, workers };
}

/**
 * Kills a worker every 300 ms and restarts the server meanwhile. Never the last that works: somebody has to see the restarts.
 * Resolves with the times without a server.
 */
async function interrupt(
  workers: readonly SupervisedWorker[],
  server: PostgresInstance,
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

async function restart(server: PostgresInstance, signal: (typeof RESTARTS)[number]): Promise<Outage> {
  const from = Date.now();
  await server.stop(signal);
  await server.restart();
  return { from, to: Date.now() };
}

/** The processes of workers that are connected. */
async function connectedTo(server: PostgresInstance): Promise<ReadonlySet<number>> {
  const rows = await server.query("SELECT application_name FROM pg_stat_activity WHERE datname = 'postgres'");
  const pids = rows.map((row) => Number(/^messenger .*:(\d+)$/.exec(String(row['application_name']))?.[1]));
  return new Set(pids);
}

/** How many rows each table has. */
async function rowsLeft(server: PostgresInstance): Promise<Readonly<Record<string, unknown>>> {
  const tables = [TABLE, `${TABLE}_locks`, `${TABLE}_inbox`];
  const counts = tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
  return (await server.query(`SELECT ${counts.join(', ')}`))[0] ?? {};
}

describe('workers that are killed while their PostgreSQL is restarted', () => {
  it(
    'lose no message, and run again only what was in hand',
    async () => {
      const { server, playground, workers } = await setup();
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
      const areBack = async () => {
        const connected = await connectedTo(server);
        return workers.every(({ pid }) => connected.has(pid));
      };
      await until('each worker is connected', areBack, BROKER_DEADLINE_MS);
      await Promise.all(workers.map((worker) => worker.stop()));

      const killedAt = new Map(workers.flatMap((worker) => [...worker.killedAt]));
      const ledger = new CrashLedger(playground.ledgers, { killedAt, outages });
      reportFigures('crash', ledger.figures);
      expect(ledger.lost).toEqual([]);
      expect(ledger.unexplained).toEqual([]);
      expect(ledger.unexplainedRepeats).toEqual([]);
      expect(ledger.afterSettling).toEqual([]);
      expect(ledger.early).toEqual([]);
      expect(workers.flatMap(({ unexpected }) => unexpected)).toEqual([]);
      // There was something to see.
      expect(ledger.accepted.length).toBeGreaterThan(SECONDS * 10);
      expect(ledger.unsettled.length).toBeGreaterThan(0);
      // Nothing is left behind.
      expect(await rowsLeft(server)).toEqual({ [TABLE]: 0, [`${TABLE}_locks`]: 0, [`${TABLE}_inbox`]: 0 });
      const left = await connectedTo(server);
      expect(workers.map(({ pid }) => left.has(pid))).toEqual(workers.map(() => false));
    },
    2 * SECONDS * 1000 + 4 * BROKER_DEADLINE_MS,
  );
});
