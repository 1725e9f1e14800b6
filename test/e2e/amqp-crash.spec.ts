import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BROKER_START_MS, type Broker, startBroker } from '../integration/amqp/support/broker.js';
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
const QUEUE = 'jobs';
/** RabbitMQ does not answer acknowledgements: what was told it this long before a kill or an outage may not have reached it. */
const SETTLING_MS = 250;
/** How often to read what all processes wrote, which takes a while. */
const LOOK_EVERY_MS = 200;
/** Delays up to 100 ms in steps of 10, and from there to 600 likewise; the retries wait 50. */
const MOST_DELAY_QUEUES = 61;

async function setup() {
  const broker = await startBroker();
  const playground = new BrokerPlayground({
    queue: QUEUE,
    dsnOf: (queue) => `${broker.url}/${queue}`,
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
  return { broker, playground, workers };
}

/** Closes all connections after a quarter of the time and after three, and restarts the application of the broker after a half. */
async function disturb(broker: Broker): Promise<readonly Outage[]> {
  const outages: Outage[] = [];
  for (const disturbance of [closeConnections, restart, closeConnections]) {
    await sleep((SECONDS * 1000) / 4);
    outages.push(await disturbance(broker));
  }
  return outages;
}

/**
 * Lasts until each client has answered that its connection is closed, or is gone. The command `close_all_connections` says neither when it
 * began nor when it ended, and takes seconds to start on a busy machine. What is only being opened is not closed, and not waited for.
 */
async function closeConnections(broker: Broker): Promise<Outage> {
  const answer = await broker.control(
    'eval',
    `From = os:system_time(millisecond),
     Connections = rabbit_networking:connections(),
     Monitors = [erlang:monitor(process, Connection) || Connection <- Connections],
     [catch rabbit_networking:close_connection(Connection, <<"closed by a test">>) || Connection <- Connections],
     [receive {'DOWN', Monitor, process, _, _} -> ok after 2000 -> ok end || Monitor <- Monitors],
     io_lib:format("~b ~b", [From, os:system_time(millisecond)]).`,
  );
  const [from = Number.NaN, to = Number.NaN] = [...answer.matchAll(/\d{13}/g)].map(([time]) => Number(time));
  expect(to).toBeGreaterThanOrEqual(from);
  return { from, to };
}

async function restart(broker: Broker): Promise<Outage> {
  const from = Date.now();
  await broker.control('stop_app');
  await broker.control('start_app');
  return { from, to: Date.now() };
}

/**
 * Kills a worker every 300 ms until the time is over and the promise has settled. Never the last that works: somebody has to
 * see what happens to the broker.
 */
async function killUntil(settled: Promise<unknown>, workers: readonly SupervisedWorker[]): Promise<void> {
  const ends = performance.now() + SECONDS * 1000;
  let isSettled = false;
  const settle = () => (isSettled = true);
  settled.then(settle, settle);
  while (!isSettled || performance.now() < ends) {
    await sleep(KILL_EVERY_MS);
    const victims = workers.filter(({ isConsuming }) => isConsuming);
    if (victims.length > 1) {
      victims[Math.floor(Math.random() * victims.length)]?.kill();
    }
  }
}

/** Rows of a list of `rabbitmqctl`. */
async function rowsOf(broker: Broker, command: string, ...columns: readonly string[]): Promise<string[][]> {
  const output = await broker.rabbitmqctl(command, '--no-table-headers', ...columns);
  const lines = output.split('\n').filter((line) => line !== '');
  return lines.map((line) => line.split('\t'));
}

/** The messages of each queue, those in the hands of consumers too. Not of the queues in which the transport keeps its notes. */
async function messagesIn(broker: Broker): Promise<ReadonlyMap<string, number>> {
  const rows = await rowsOf(broker, 'list_queues', 'name', 'messages');
  const counts = rows.map(([name = '', messages]) => [name, Number(messages)] as const);
  return new Map(counts.filter(([name]) => !name.startsWith(`${QUEUE}.`)));
}

async function isEmpty(broker: Broker): Promise<boolean> {
  return [...(await messagesIn(broker)).values()].every((messages) => messages === 0);
}

/** The processes that consume from the queue: one for each consumer. */
async function consumersOf(broker: Broker): Promise<readonly number[]> {
  const rows = await rowsOf(broker, 'list_consumers', 'queue_name', 'consumer_tag');
  const tags = rows.filter(([queue]) => queue === QUEUE).map(([, tag = '']) => tag);
  return tags.map((tag) => Number(/:(\d+):async:/.exec(tag)?.[1])).toSorted((a, b) => a - b);
}

describe('workers that are killed while RabbitMQ closes their connections and is restarted', () => {
  it(
    'lose no message, and run again only what was in hand',
    async () => {
      const { broker, playground, workers } = await setup();
      const producer = playground.spawn('producer.js', []);
      await producer.written(/dispatches/);
      const disturbed = disturb(broker);
      await killUntil(disturbed, workers);
      const outages = await disturbed;
      producer.kill('SIGTERM');
      expect(await producer.exited()).toEqual({ code: 0, signal: null });
      const ledgerNow = () => new CrashLedger(playground.ledgers, { killedAt: new Map(), outages: [] });
      const deadlineMs = BROKER_DEADLINE_MS + SECONDS * 1000;
      // Asking the broker takes a process and seconds each time, so not before it is known what there is to see.
      const isHandled = async () => {
        await sleep(LOOK_EVERY_MS);
        return ledgerNow().lost.length === 0;
      };
      await until('everything is handled', isHandled, deadlineMs);
      // Twice: what moves from one queue to another may be in neither when they are counted.
      const isDrained = async () => (await isEmpty(broker)) && (await isEmpty(broker));
      await until('nothing is left', isDrained, deadlineMs);
      const areBack = async () => {
        const pids = workers.map(({ pid }) => pid).toSorted((a, b) => a - b);
        return JSON.stringify(await consumersOf(broker)) === JSON.stringify(pids);
      };
      await until('each worker consumes exactly once', areBack, BROKER_DEADLINE_MS);
      await Promise.all(workers.map((worker) => worker.stop()));

      const killedAt = new Map(workers.flatMap((worker) => [...worker.killedAt]));
      const ledger = new CrashLedger(playground.ledgers, { killedAt, outages, settlingMs: SETTLING_MS });
      reportFigures('crash', ledger.figures);
      expect(ledger.lost).toEqual([]);
      expect(ledger.unexplained).toEqual([]);
      expect(ledger.unexplainedRepeats).toEqual([]);
      expect(ledger.early).toEqual([]);
      expect(workers.flatMap(({ unexpected }) => unexpected)).toEqual([]);
      // There was something to see.
      expect(ledger.accepted.length).toBeGreaterThan(SECONDS * 10);
      expect(ledger.unsettled.length).toBeGreaterThan(0);
      // Nothing is left behind.
      const messages = await messagesIn(broker);
      expect([...messages].filter(([, count]) => count > 0)).toEqual([]);
      const delayQueues = [...messages.keys()].filter((name) => name.startsWith('delay_'));
      expect(delayQueues.length).toBeLessThanOrEqual(MOST_DELAY_QUEUES);
      expect(await consumersOf(broker)).toEqual([]);
    },
    2 * SECONDS * 1000 + BROKER_START_MS + 4 * BROKER_DEADLINE_MS,
  );
});
