import fs, { appendFileSync, existsSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { FileWatch } from '../../../lib/transports/sql/sqlite/file-watch.js';
import { loadSqliteDriver } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import type { SqliteTransport } from '../../../lib/transports/sql/sqlite/sqlite.transport.js';
import { WaitPlan } from '../../../lib/transports/sql/sqlite/sqlite.wait-plan.js';
import { application, note, only, temporaryFile, textsOf, withDatabase } from './setup.js';

const CLAIMED = 'SELECT id FROM messenger_messages WHERE owner IS NOT NULL';

/** Longer than any test: only what is tested can end the wait. */
const FOREVER = 3_600_000;

/** A transport at a time that stands still, so that nothing is found by a poll. */
async function setup(options = {}, file = temporaryFile()) {
  const clock = new FakeClock();
  const app = application(file, clock);
  const transport = app.open(options);
  await transport.setup();
  return { clock, file: app.file, open: app.open, transport, other: application(app.file, clock) };
}

/** A fetch that waits already when this resolves, and whether it has ended. */
async function waitingGet(transport: SqliteTransport, options = {}) {
  const state = { ended: false };
  const result = transport.get({ wait: FOREVER, max: 10, ...options }).then((envelopes) => {
    state.ended = true;
    return envelopes;
  });
  await nextTurn();
  expect(state.ended).toBe(false);
  return { state, result };
}

describe('a waiting fetch of the SQLite transport', () => {
  // In memory, where there is no file whose changes would wake it too.
  it('is woken by a message that this process sends, by whichever of its transports', async () => {
    const { transport, open } = await setup({}, ':memory:');
    const { result } = await waitingGet(transport);
    await open({}, 'producer').send([note('a')]);
    expect(textsOf(await result)).toEqual(['a']);
  });

  it('is woken by a message that is released or requeued', async () => {
    const { transport, open } = await setup({}, ':memory:');
    const failed = open({ queueName: 'failed' }, 'failed');
    await transport.send([note('a')]);
    const received = only(await transport.get());
    const { result } = await waitingGet(transport);
    await transport.release([received]);
    const released = only(await result);
    const { result: moved } = await waitingGet(failed);
    await transport.requeue([{ received: released, copy: note('copy'), to: failed }]);
    expect(textsOf(await moved)).toEqual(['copy']);
  });

  it('is woken by the commit of another process', async () => {
    const { transport, other } = await setup();
    const { result } = await waitingGet(transport);
    expect(transport.watchesFile).toBe(true);
    await other.open().send([note('a')]);
    expect(textsOf(await result)).toEqual(['a']);
  });

  it('ends at the very moment a delayed message is due, and not before', async () => {
    const { clock, transport } = await setup();
    await transport.send([note('later', new DelayStamp(90_000))]);
    const { state, result } = await waitingGet(transport);
    await transport.send([note('sooner', new DelayStamp(4321))]);
    await clock.advance(4320);
    expect(state.ended).toBe(false);
    await clock.advance(1);
    expect(textsOf(await result)).toEqual(['sooner']);
  });

  it('ends when the lease of another process has run out', async () => {
    const { clock, transport, other } = await setup();
    await transport.send([note('a')]);
    await other.open({ redeliverTimeout: 10 }).get();
    const { state, result } = await waitingGet(transport);
    await clock.advance(9999);
    expect(state.ended).toBe(false);
    await clock.advance(1);
    expect(textsOf(await result)).toEqual(['a']);
  });

  it('ends with nothing when its time is over', async () => {
    const { clock, transport } = await setup({ pollInterval: FOREVER });
    const { state, result } = await waitingGet(transport, { wait: 30_000 });
    await clock.advance(29_999);
    expect(state.ended).toBe(false);
    await clock.advance(1);
    expect(await result).toEqual([]);
  });

  it('ends at once when it is aborted, and claims nothing afterwards', async () => {
    const { transport } = await setup();
    const abort = new AbortController();
    const { result } = await waitingGet(transport, { signal: abort.signal });
    const sending = transport.send([note('a')]);
    abort.abort();
    expect(await result).toEqual([]);
    await sending;
    expect(await transport.get({ signal: abort.signal })).toEqual([]);
    expect((await transport.messageCount()).inFlight).toBe(0);
  });

  it('claims nothing once it was aborted, however far it had come', async () => {
    const { file, transport } = await setup();
    const countClaims = () => withDatabase(file, (database) => database.prepare(CLAIMED).all().length);
    await transport.send([note('a')]);
    const outcomes: number[] = [];
    for (let steps = 0; steps < 40; steps++) {
      const abort = new AbortController();
      const fetching = transport.get({ wait: FOREVER, signal: abort.signal });
      for (let step = 0; step < steps; step++) {
        await Promise.resolve();
      }
      abort.abort();
      const claimedBefore = countClaims();
      const received = await fetching;
      expect(received).toHaveLength(claimedBefore);
      await transport.release(received);
      outcomes.push(received.length);
      await nextTurn();
    }
    expect(outcomes).toContain(0);
  });

  it('ends when the transport is closed', async () => {
    const { transport } = await setup();
    const { result } = await waitingGet(transport);
    await transport.close();
    expect(await result).toEqual([]);
  });

  it('shares what comes with the others, so that each message goes to one of them', async () => {
    const { transport } = await setup();
    const fetches = await Promise.all([1, 2, 3].map(() => waitingGet(transport, { max: 1 })));
    await transport.send([note('a'), note('b'), note('c')]);
    const received: Envelope[] = (await Promise.all(fetches.map(({ result }) => result))).flat();
    expect(textsOf(received).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('looks without a write lock, which another process may hold', async () => {
    const { file, transport } = await setup({ busyTimeout: 0 });
    const database = loadSqliteDriver('test').open(file);
    onTestFinished(() => void database.close());
    database.exec('BEGIN IMMEDIATE');
    expect(await transport.get()).toEqual([]);
    await expect(transport.send([note('a')])).rejects.toThrow(TransportError);
  });

  it('finds messages by its poll where the system has no file watch to give', async () => {
    const { watch } = fs;
    fs.watch = () => {
      throw Object.assign(new RangeError('no space left on device, watch'), { code: 'ENOSPC' });
    };
    syncBuiltinESMExports();
    onTestFinished(() => {
      fs.watch = watch;
      syncBuiltinESMExports();
    });
    const { clock, transport, other } = await setup({ pollInterval: 2000 });
    const { state, result } = await waitingGet(transport);
    expect(transport.watchesFile).toBe(false);
    await other.open().send([note('a')]);
    await clock.advance(1999);
    expect(state.ended).toBe(false);
    await clock.advance(1);
    expect(textsOf(await result)).toEqual(['a']);
  });
});

describe('the plan of a wait', () => {
  const outlook = { due_at: null, expires_at: null, data_version: 1 };

  it('is to look at the poll interval, or when something is due before', () => {
    const plan = new WaitPlan(1000);
    expect(plan.next(outlook, 'announced', 0)).toEqual({ ms: 1000, hearsChanges: true });
    expect(plan.next({ ...outlook, due_at: 5300 }, 'elapsed', 5000).ms).toBe(300);
    expect(plan.next({ ...outlook, expires_at: 5200 }, 'elapsed', 5000).ms).toBe(200);
  });

  it('is to look again soon after a change that shows no commit yet', () => {
    const plan = new WaitPlan(1000);
    plan.next(outlook, 'announced', 0);
    const waits = (['changed', 'elapsed', 'elapsed', 'elapsed', 'elapsed', 'elapsed'] as const).map(
      (reason, index) => plan.next(outlook, reason, index * 100).ms,
    );
    expect(waits).toEqual([1, 5, 25, 125, 1000, 1000]);
  });

  it('is not to look again after a change that brought a commit, though not for this queue', () => {
    const plan = new WaitPlan(1000);
    plan.next(outlook, 'announced', 0);
    expect(plan.next({ ...outlook, data_version: 2 }, 'changed', 10).ms).toBe(1000);
  });

  it('is not to hear changes for a while when they come in a flood and bring nothing', () => {
    const plan = new WaitPlan(1000);
    const looks = Array.from({ length: 12 }, (_, index) =>
      plan.next({ ...outlook, data_version: index }, 'changed', index),
    );
    expect(looks.filter(({ hearsChanges }) => hearsChanges)).toHaveLength(10);
    expect(looks.at(-1)).toEqual({ ms: 50, hearsChanges: false });
    expect(plan.next({ ...outlook, data_version: 20 }, 'elapsed', 61).hearsChanges).toBe(true);
  });

  it('is to hear changes that come one every few milliseconds', () => {
    const plan = new WaitPlan(1000);
    const looks = Array.from({ length: 50 }, (_, index) =>
      plan.next({ ...outlook, data_version: index }, 'changed', index * 4),
    );
    expect(looks.every(({ hearsChanges }) => hearsChanges)).toBe(true);
  });
});

describe('a file watch', () => {
  function watching(file: string, heard: () => boolean) {
    const watch = new FileWatch(file, heard);
    watch.start();
    onTestFinished(() => watch.stop());
    return watch;
  }

  it('is inactive for a file that is not there, and can be started later', () => {
    const file = temporaryFile();
    const watch = watching(file, () => true);
    expect(watch.active).toBe(false);
    writeFileSync(file, '');
    watch.start();
    expect(watch.active).toBe(true);
  });

  it('reports the changes of one turn once', async () => {
    const file = temporaryFile();
    writeFileSync(file, '');
    let reports = 0;
    watching(file, () => ++reports > 0);
    for (let write = 0; write < 20; write++) {
      // In turn, because the system itself makes one event of changes of one kind.
      appendFileSync(file, 'x');
      utimesSync(file, write, write);
    }
    await vi.waitFor(() => expect(reports).toBeGreaterThan(0), { interval: 1 });
    expect(reports).toBeLessThan(5);
  });

  it('gives up while nobody listens', async () => {
    const file = temporaryFile();
    writeFileSync(file, '');
    const watch = watching(file, () => false);
    await vi.waitFor(
      () => {
        appendFileSync(file, 'x');
        expect(watch.active).toBe(false);
      },
      { interval: 1, timeout: 5000 },
    );
    expect(existsSync(file)).toBe(true);
  });
});
