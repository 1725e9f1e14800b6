import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import type { Inbox } from '../../../lib/transport/capabilities.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { InboxPruner } from '../../../lib/worker/inbox-pruner.js';
import { createCore, deferred, RecordingLogger } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

const DAY_MS = 86_400_000;
const NEVER = new AbortController().signal;

/** What several processes share: how many entries are left, and who pruned last. */
class Database {
  readonly prunedBefore: number[] = [];
  prunedAt: number | undefined;

  constructor(
    readonly clock: FakeClock,
    public left: number,
  ) {}

  /** An inbox that forgets 500 entries at once. */
  transport(prune: () => Promise<void> = async () => undefined) {
    const inbox: Pick<Inbox, 'prune'> = {
      prune: async (before) => {
        await prune();
        this.prunedBefore.push(before);
        const batch = Math.min(500, this.left);
        this.left -= batch;
        return batch;
      },
    };
    return Object.assign(new RecordingTransport(), {
      inbox: inbox as Inbox,
      readSignal: async () => this.prunedAt,
      writeSignal: async () => void (this.prunedAt = this.clock.now()),
    });
  }
}

function setup(left = 1200) {
  const clock = new FakeClock();
  const database = new Database(clock, left);
  const logger = new RecordingLogger();
  /** How long it has waited so far, and what makes the time pass. */
  const waits: number[] = [];
  const ticks: Array<() => void> = [];
  const passes = (ms: number, signal: AbortSignal): Promise<boolean> => {
    waits.push(ms);
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(false);
      }
      ticks.push(() => resolve(true));
      signal.addEventListener('abort', () => resolve(false));
    });
  };
  const pruner = (transport = database.transport(), wait: typeof passes = async () => true) =>
    new InboxPruner({
      stores: [{ name: 'db', transport }],
      retention: DAY_MS,
      clock,
      logger,
      random: () => 0.5,
      passes: wait,
    });
  return { clock, database, logger, pruner, waits, ticks, passes };
}

describe('pruning inboxes', () => {
  it('forgets what is older than the retention, batch after batch', async () => {
    const { clock, database, logger, pruner } = setup();

    await pruner().prune(NEVER);

    expect(database.left).toBe(0);
    expect(database.prunedBefore).toEqual(Array.from({ length: 4 }, () => clock.now() - DAY_MS));
    expect(logger.texts('debug')).toEqual(['Removed 1200 old entries from the inbox of transport "db".']);
  });

  it('is left to the process that began first, for about a minute', async () => {
    const { clock, database, pruner } = setup();
    await pruner().prune(NEVER);
    database.left = 10;

    await clock.advance(40_000);
    await pruner().prune(NEVER);
    expect(database.left).toBe(10);
    await clock.advance(20_000);
    await pruner().prune(NEVER);

    expect(database.left).toBe(0);
  });

  it('goes on with the next minute when the store cannot be reached', async () => {
    const { clock, database, logger, pruner } = setup();
    let isDown = true;
    const transport = database.transport(() =>
      isDown ? Promise.reject(new Error('Down.')) : Promise.resolve(),
    );
    const one = pruner(transport);

    await one.prune(NEVER);
    expect(logger.texts('warn')).toEqual(['Could not remove old entries from the inbox of transport "db".']);
    isDown = false;
    await clock.advance(60_000);
    await one.prune(NEVER);

    expect(database.left).toBe(0);
  });

  it('happens soon after a worker has started, then every minute, and stops with the last worker', async () => {
    const { database, pruner, waits, ticks, passes } = setup(0);
    const one = pruner(database.transport(), passes);
    one.start();
    one.start();
    await expect.poll(() => waits).toEqual([1500]);
    ticks[0]?.();
    await expect.poll(() => waits).toEqual([1500, 60_000]);
    expect(database.prunedBefore).toHaveLength(1);

    await one.stop();
    database.prunedAt = undefined;
    ticks[1]?.();
    await expect.poll(() => database.prunedBefore.length).toBe(2);
    await one.stop();
    ticks.at(-1)?.();

    expect(database.prunedBefore).toHaveLength(2);
  });

  it('stops between two batches', async () => {
    const { database, pruner } = setup(5000);
    const [begun, gate] = [deferred(), deferred()];
    const transport = database.transport(async () => {
      begun.resolve();
      await gate.promise;
    });
    const one = pruner(transport, async (_, signal) => !signal.aborted);
    one.start();
    await begun.promise;
    const stopped = one.stop();
    gate.resolve();
    await stopped;

    expect(database.left).toBe(4500);
  });

  it('does not begin once the worker stops', async () => {
    const { database, pruner } = setup();

    await pruner().prune(AbortSignal.abort());

    expect(database.left).toBe(1200);
  });

  it('begins again with the next worker', async () => {
    const { database, pruner, passes, waits } = setup(0);
    const one = pruner(database.transport(), passes);
    one.start();
    await one.stop();
    one.start();

    await expect.poll(() => waits).toHaveLength(2);
    await one.stop();
  });
});

describe('what goes on beside the messages', () => {
  it('starts with the worker and has ended when it has', async () => {
    const steps: string[] = [];
    const background = [
      { isIdle: true, start: () => void steps.push('start'), stop: async () => void steps.push('stop') },
    ];
    const { workers } = createCore({ transports: { async: new InMemoryTransport() }, background });

    await workers.create(['async'], { stopWhenIdle: true }).run();

    expect(steps).toEqual(['start', 'stop']);
  });
});
