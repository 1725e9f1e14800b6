import { describe, expect, it, onTestFinished } from 'vitest';
import { Gated, Note } from '../fixtures/e2e-app/messages.js';
import { redisUrl, sharedRedis, uniqueStream } from '../integration/redis/support/shared-redis.js';
import { fastestOf } from './support/fastest-of.js';
import { Ordinary } from './support/broker-app/messages.js';
import { BROKER_DEADLINE_MS, BrokerPlayground } from './support/broker-playground.js';
import type { Spawned } from './support/spawned.js';
import { until } from './support/until.js';

const DONE = { code: 0, signal: null };
const TIMEOUT_MS = 3 * BROKER_DEADLINE_MS;
/** A worker that waits may take this long to end. */
const QUICK_MS = 200;
/** The request is pushed to workers; what is left is the end of three processes, on a machine where other tests run. */
const STOP_WORKERS_MS = 800;
const TRIES = 6;

function setup() {
  const stream = uniqueStream();
  // With such a time-out nothing comes back by waiting for it.
  const playground = new BrokerPlayground({
    queue: stream,
    dsnOf: (name) => redisUrl(name, { redeliver_timeout: 600 }),
  });
  onTestFinished(() => playground[Symbol.asyncDispose]());

  async function running(consumer: string, ...args: readonly string[]): Promise<Spawned> {
    const worker = playground.spawn('worker.js', args, { MESSENGER_CONSUMER_NAME: consumer });
    await worker.written(/consumes/);
    return worker;
  }
  const redis = sharedRedis();
  /** Resolves when a worker waits in a read, which nothing ends soon but a message or a signal. */
  const waits = ({ pid }: Spawned) =>
    until(`process ${pid} waits`, async () => {
      const clients = String(await redis.client('LIST')).split('\n');
      return clients.some(
        (client) => client.includes(` name=messenger-${pid}-`) && client.includes(' flags=b '),
      );
    });
  return { playground, running, waits };
}

const inFlight = async (playground: BrokerPlayground) => (await playground.counts('async')).inFlight ?? 0;
const notes = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => new Note(`${from + index}`));
const handled = (from: number, to: number) => notes(from, to).map(({ text }) => `handled ${text}`);

describe('a worker on Redis', () => {
  it(
    'ends with 0 within 200 ms of SIGTERM while it waits for messages',
    async () => {
      const { running, waits } = setup();
      const fastest = await fastestOf(TRIES, QUICK_MS, async () => {
        const worker = await running('idle', 'async', '--sleep=60');
        await waits(worker);
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
    'gives what it has not started to another one at once, in order, while it finishes what runs',
    async () => {
      const { playground, running, waits } = setup();
      const first = await running('first', 'async', '--fetch-size=20');
      // As many as are stored with one command, so that all of them are there when it looks.
      await playground.dispatch([new Gated('long'), ...notes(0, 15)]);
      await playground.recorded('started long');
      await until('it has read ahead', async () => (await inFlight(playground)) === 16);
      const second = await running('second', 'async', '--sleep=60');
      await waits(second);

      const toldAt = performance.now();
      first.kill('SIGTERM');
      await playground.recorded('handled 14');

      expect(performance.now() - toldAt).toBeLessThan(2000);
      expect(playground.ledgers.get(second.pid)).toEqual(handled(0, 15));
      expect(playground.ledgers.get(first.pid)).toEqual(['started long']);
      expect(first.hasExited).toBe(false);
      playground.turnOn('gate');
      expect(await first.exited()).toEqual(DONE);
      await until('it is settled', async () => (await inFlight(playground)) === 0);
      expect(playground.ledgers.get(first.pid)).toEqual(['started long', 'handled long']);
    },
    TIMEOUT_MS,
  );

  it(
    'that comes back under its name goes on at once with what it was killed with, and then in order',
    async () => {
      const { playground, running } = setup();
      const killed = await running('slot-1', 'async', '--fetch-size=10');
      await playground.dispatch([new Gated('interrupted'), ...notes(0, 15)]);
      await playground.recorded('started interrupted');
      await until('it has read ahead', async () => (await inFlight(playground)) === 10);
      killed.kill('SIGKILL');
      await killed.exited();
      playground.turnOn('gate');

      const successor = await running('slot-1', 'async');
      await playground.recorded('handled 14');

      expect(playground.ledgers.get(successor.pid)).toEqual([
        'started interrupted',
        'handled interrupted',
        ...handled(0, 15),
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'is stopped by stop-workers at once, whether it waits or works',
    async () => {
      const { playground, running, waits } = setup();
      const fastest = await fastestOf(TRIES, STOP_WORKERS_MS, async () => {
        await playground.dispatch(Array.from({ length: 1000 }, (_, number) => new Ordinary(number)));
        const idle = await running('one', 'async', '--sleep=60');
        const busy = await running('two', 'high', 'low');
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

  it(
    'ends with 1 and says what to do if another one has its name, and that one goes on',
    async () => {
      const { playground, running } = setup();
      const first = await running('slot-1', 'async');
      await playground.dispatch([new Note('before')]);
      await playground.recorded('handled before');

      const second = playground.spawn('worker.js', ['async'], { MESSENGER_CONSUMER_NAME: 'slot-1' });
      expect(await second.exited()).toEqual({ code: 1, signal: null });

      expect(second.stderr).toContain(
        `Transport "async" is already consumed by process ${first.pid} on host "`,
      );
      expect(second.stderr).toContain('under the consumer name "slot-1". Give each worker a name of its own');
      expect(second.stderr).toContain('MESSENGER_CONSUMER_NAME');
      expect(second.stderr).not.toMatch(/^ +at /m);
      await playground.dispatch([new Note('after')]);
      await playground.recorded('handled after');
      expect(playground.ledgers.get(first.pid)).toEqual(['handled before', 'handled after']);
    },
    TIMEOUT_MS,
  );
});
