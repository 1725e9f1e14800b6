import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../../../lib/envelope/clock.js';
import type { Batch } from '../../../lib/handler/batch.js';
import { LeaseLostError } from '../../../lib/errors/lease-lost.error.js';
import { ConsumedByWorkerStamp, type Delivery } from '../../../lib/stamp/consumed-by-worker.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, deferred, handler } from '../../fixtures/core.js';

const LEASE_MS = 200;

class Task {
  constructor(readonly text: string) {}
}

class Blocking {}

/**
 * A worker with two messages read ahead, whose event loop stands still for longer than their lease.
 *
 * @param meanwhile called while it does so.
 */
async function setup(meanwhile: (transport: InMemoryTransport) => void) {
  const transport = new InMemoryTransport({ clock: systemClock, redeliverTimeout: LEASE_MS / 1000 });
  const isKept = deferred();
  const keepalive = transport.keepalive.bind(transport);
  transport.keepalive = async (envelopes) => {
    const lost = await keepalive(envelopes);
    // A server answers later than the next turns of the event loop.
    for (let turn = 0; turn < 5; turn++) {
      await nextTurn();
    }
    isKept.resolve();
    return lost;
  };
  const runs: string[] = [];
  const core = createCore({
    clock: systemClock,
    transports: { async: transport },
    handlers: [
      handler('H', Task, ({ text }: Task) => {
        runs.push(text);
        if (runs.length === 1) {
          const end = performance.now() + 1.5 * LEASE_MS;
          while (performance.now() < end);
          meanwhile(transport);
        }
      }),
    ],
  });
  const tasks = ['a', 'b', 'c'].map((text) => new Task(text));
  await core.bus.dispatchAll(tasks, [new TransportNamesStamp('async')]);
  return { core, runs, isKept };
}

describe('messages that were read ahead by a worker whose event loop stood still for longer than their lease', () => {
  it('are not begun if another worker has them', async () => {
    const { core, runs, isKept } = await setup((transport) => void transport.get({ max: 3 }));
    const worker = core.workers.create(['async'], { fetchSize: 3 });
    const result = worker.run();
    await isKept.promise;
    await nextTurn();
    worker.stop('the test is over');
    await result;

    expect(runs).toEqual(['a']);
  });

  it('are begun if they are still here, once their transport has been asked', async () => {
    const { core, runs } = await setup(() => undefined);
    await core.workers.create(['async'], { fetchSize: 3, limit: 4 }).run();

    // The first could not be acknowledged any more.
    expect(runs.toSorted()).toEqual(['a', 'a', 'b', 'c']);
  });
});

describe('a message that was delivered to a worker whose process was stopped before it could read that', () => {
  it('is not begun if another worker has it', async () => {
    const transport = new InMemoryTransport({ clock: systemClock, redeliverTimeout: LEASE_MS / 1000 });
    const isWaiting = deferred();
    const isKept = deferred();
    const [get, keepalive] = [transport.get.bind(transport), transport.keepalive.bind(transport)];
    transport.get = async (options) => {
      const fetched = get(options);
      if (options?.wait) {
        isWaiting.resolve();
      }
      const envelopes = await fetched;
      if (envelopes.length > 0) {
        // What comes from a socket is read before timers get their turn.
        await stat(__filename);
        const end = performance.now() + 1.5 * LEASE_MS;
        while (performance.now() < end);
        void get({ max: 1 });
      }
      return envelopes;
    };
    transport.keepalive = async (envelopes) => {
      const lost = await keepalive(envelopes);
      isKept.resolve();
      return lost;
    };
    const runs: string[] = [];
    const core = createCore({
      clock: systemClock,
      transports: { async: transport },
      handlers: [handler('H', Task, ({ text }: Task) => void runs.push(text))],
    });
    const worker = core.workers.create(['async']);
    const result = worker.run();
    await isWaiting.promise;
    await core.bus.dispatch(new Task('a'), [new TransportNamesStamp('async')]);
    await isKept.promise;
    await nextTurn();
    worker.stop('the test is over');
    await result;

    expect(runs).toEqual([]);
  });
});

/** The batches of a worker whose event loop stands still for longer than a lease while two messages wait in one of them. */
async function batchesAfterStandstill(meanwhile: (transport: InMemoryTransport) => void) {
  const transport = new InMemoryTransport({ clock: systemClock, redeliverTimeout: LEASE_MS / 1000 });
  const batches: string[][] = [];
  const gather = (batch: never): void => {
    batches.push([...(batch as Batch<Task>)].map(({ message }) => message.text));
  };
  const block = (): void => {
    const end = performance.now() + 1.5 * LEASE_MS;
    while (performance.now() < end);
    meanwhile(transport);
  };
  const core = createCore({
    clock: systemClock,
    transports: { async: transport },
    handlers: [
      handler('Batch', Task, gather, { batch: { size: 10, idleTimeout: LEASE_MS / 2 } }),
      handler('Blocks', Blocking, block),
    ],
  });
  const messages = [new Task('a'), new Task('b'), new Blocking()];
  await core.bus.dispatchAll(messages, [new TransportNamesStamp('async')]);
  await core.workers.create(['async'], { fetchSize: 3, concurrency: 3, limit: 3 }).run();
  return batches;
}

describe('messages that wait in a batch of a worker whose event loop stands still for longer than their lease', () => {
  it('are not handled if another worker has them', async () => {
    expect(await batchesAfterStandstill((transport) => void transport.get({ max: 3 }))).toEqual([]);
  });

  it('are handled if they are still here, once their transport has been asked', async () => {
    const keepAll = (transport: InMemoryTransport): void => {
      transport.keepalive = () => Promise.resolve([]);
    };
    expect(await batchesAfterStandstill(keepAll)).toEqual([['a', 'b']]);
  });
});

describe('a message that waits in a batch of a process that is stopped, and is told after it that the message is lost', () => {
  it('is not handled', async () => {
    const batches: unknown[] = [];
    const { bus } = createCore({
      handlers: [handler('Batch', Task, (batch) => void batches.push(batch), { batch: { idleTimeout: 20 } })],
    });
    const stop = new AbortController();
    const delivery: Delivery = {
      signal: stop.signal,
      yieldSlot: () => undefined,
      get lease() {
        return stop.signal.aborted ? 'ended' : 'held';
      },
    };
    const stamps = [new ReceivedStamp('async'), new ConsumedByWorkerStamp(delivery)];
    const handled = bus.dispatch(new Task('a'), stamps);
    await nextTurn();
    const end = performance.now() + 1100;
    while (performance.now() < end);
    // What comes from a socket is read after timers had their turn.
    setImmediate(() => stop.abort(new LeaseLostError('async')));

    await expect(handled).rejects.toMatchObject({ name: 'HandlerFailedError' });
    expect(batches).toEqual([]);
  });
});

describe('a worker whose clock is set back while it waits for messages', () => {
  it('goes on asking for them', async () => {
    let offset = 0;
    const clock: Clock = { ...systemClock, now: () => Date.now() + offset };
    const transport = new InMemoryTransport({ clock: systemClock });
    const core = createCore({ clock, transports: { async: transport } });
    const worker = core.workers.create(['async'], { sleep: 20 });
    let fetches = 0;
    const get = transport.get.bind(transport);
    transport.get = (options) => {
      fetches += 1;
      // The first finds out that there is nothing, the second waits.
      if (fetches === 2) {
        offset = -600_000;
      }
      return get(options);
    };

    const result = worker.run();
    try {
      await vi.waitFor(() => expect(fetches).toBeGreaterThanOrEqual(4), 10_000);
    } finally {
      worker.stop('the test is over');
    }
    await result;
  });
});

describe('a worker whose transport does not answer its signs of life', () => {
  it('stops all the same, within its grace period', async () => {
    const isAsked = deferred();
    const transport = new InMemoryTransport({ clock: systemClock, redeliverTimeout: LEASE_MS / 1000 });
    transport.keepalive = () => {
      isAsked.resolve();
      return new Promise(() => undefined);
    };
    const core = createCore({
      clock: systemClock,
      transports: { async: transport },
      handlers: [handler('H', Task, () => isAsked.promise)],
    });
    await core.bus.dispatch(new Task('a'), [new TransportNamesStamp('async')]);
    const worker = core.workers.create(['async'], { grace: 50 });
    const result = worker.run();
    await isAsked.promise;
    worker.stop('the test is over');

    expect(await result).toMatchObject({ processed: 1, abandoned: 0 });
  });
});
