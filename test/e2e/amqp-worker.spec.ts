import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Gated, Note } from '../fixtures/e2e-app/messages.js';
import { uniqueName } from '../integration/amqp/support/topology.js';
import { perFile, startVhost } from '../integration/amqp/support/vhost.js';
import { Ordinary, Urgent } from './support/broker-app/messages.js';
import { BROKER_DEADLINE_MS, BrokerPlayground } from './support/broker-playground.js';
import { fastestOf } from './support/fastest-of.js';
import type { Spawned } from './support/spawned.js';
import { until } from './support/until.js';

const DONE = { code: 0, signal: null };
const TIMEOUT_MS = 3 * BROKER_DEADLINE_MS;
/** A worker that waits may take this long to end: it also closes two connections. */
const QUICK_MS = 300;
/** The request is pushed to workers; what is left is the end of three processes, on a machine where other tests run. */
const STOP_WORKERS_MS = 1000;
const TRIES = 6;

// What an administrator does takes seconds on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });
const vhost = perFile((lifetime) => startVhost(lifetime));

function setup() {
  const queue = uniqueName();
  const playground = new BrokerPlayground({ queue, dsnOf: (name) => `${vhost().url}/${name}` });
  onTestFinished(() => playground[Symbol.asyncDispose]());
  const columns = ['queue_name', 'consumer_tag'];
  /** As the broker lists them. */
  const tags = async (name = queue): Promise<readonly string[]> => {
    const list = await vhost().rabbitmqctl('list_consumers', '--no-table-headers', ...columns);
    const rows = list.split('\n').map((line) => line.split('\t'));
    return rows.filter(([of]) => of === name).map(([, tag = '']) => tag);
  };
  /** Resolves when a worker is pushed what arrives. */
  const waits = ({ pid }: Spawned, name = queue) =>
    until(
      `process ${pid} consumes`,
      async () => (await tags(name)).some((tag) => tag.includes(`:${pid}:`)),
      BROKER_DEADLINE_MS,
    );
  const ready = async () => (await playground.counts('async')).ready;
  return { playground, queue, tags, waits, ready };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const notes = (count: number) => range(count).map((number) => new Note(`${number}`));

describe('a worker on RabbitMQ', () => {
  it(
    'is shown by the broker, with its process and transport, and ends at once on SIGTERM while it waits',
    async () => {
      const { playground, waits, tags } = setup();
      const fastest = await fastestOf(TRIES, QUICK_MS, async () => {
        const worker = await playground.runningWorker('async', '--sleep=60');
        await waits(worker);
        expect((await tags()).filter((tag) => tag.includes(`:${worker.pid}:async:`))).toHaveLength(1);
        const toldAt = performance.now();
        worker.kill('SIGTERM');
        expect(await worker.exited()).toEqual(DONE);
        return performance.now() - toldAt;
      });

      expect(fastest).toBeLessThan(QUICK_MS);
    },
    TIMEOUT_MS,
  );

  it(
    'cancels its consumer and hands back in order what it has not started, while it finishes what runs',
    async () => {
      const { playground, waits, tags, ready } = setup();
      const first = await playground.runningWorker('async', '--fetch-size=20');
      await waits(first);
      await playground.dispatch([new Gated('long'), ...notes(15)]);
      await playground.recorded('started long');
      await until('it has read ahead', async () => (await ready()) === 0, BROKER_DEADLINE_MS);

      first.kill('SIGTERM');
      const isBack = async () => (await ready()) === 15 && (await tags()).length === 0;
      await until('the rest is back', isBack, BROKER_DEADLINE_MS);
      const second = await playground.runningWorker('async', '--sleep=60');
      await playground.recorded('handled 14');

      expect(playground.ledgers.get(second.pid)).toEqual(range(15).map((number) => `handled ${number}`));
      expect(playground.ledgers.get(first.pid)).toEqual(['started long']);
      expect(first.hasExited).toBe(false);
      playground.turnOn('gate');
      expect(await first.exited()).toEqual(DONE);
      expect(playground.ledgers.get(first.pid)).toEqual(['started long', 'handled long']);
      second.kill('SIGTERM');
      expect(await second.exited()).toEqual(DONE);
      expect(await ready()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'is stopped by stop-workers at once, whether it waits or works',
    async () => {
      const { playground, waits } = setup();
      const fastest = await fastestOf(TRIES, STOP_WORKERS_MS, async () => {
        await playground.dispatch(range(1000).map((number) => new Ordinary(number)));
        const idle = await playground.runningWorker('async', '--sleep=60');
        const busy = await playground.runningWorker('high', 'low');
        await waits(idle);
        const command = playground.messenger('stop-workers');
        await command.written(/were asked to stop/);
        const askedAt = performance.now();
        expect(await Promise.all([idle.exited(), busy.exited()])).toEqual([DONE, DONE]);
        const took = performance.now() - askedAt;
        expect(await command.exited()).toEqual(DONE);
        return took;
      });

      expect(fastest).toBeLessThan(STOP_WORKERS_MS);
    },
    TIMEOUT_MS,
  );
});

describe('a worker of two transports on one RabbitMQ', () => {
  it(
    'takes nothing from the second one before the first one is empty',
    async () => {
      const { playground } = setup();
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
      const { playground } = setup();
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
});
