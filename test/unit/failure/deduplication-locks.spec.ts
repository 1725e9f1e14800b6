import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../lib/handler/batch.js';
import { UnrecoverableError } from '../../../lib/errors/unrecoverable.error.js';
import { MultiplierRetryStrategy } from '../../../lib/retry/multiplier.retry-strategy.js';
import { DeduplicateStamp } from '../../../lib/stamp/deduplicate.stamp.js';
import { DeduplicationLockStamp } from '../../../lib/stamp/deduplication-lock.stamp.js';
import { DispatchAfterCurrentBusStamp } from '../../../lib/stamp/dispatch-after-current-bus.stamp.js';
import { DuplicateStamp } from '../../../lib/stamp/duplicate.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { type CoreSetup, createCore, deferred, handler } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

class Job {
  constructor(readonly id = 1) {}
}

const retryStrategy = new MultiplierRetryStrategy({ maxRetries: 1, delay: 60_000, jitter: 0 });

function setup(call: (job: Job) => unknown, more: CoreSetup = {}) {
  const clock = new FakeClock();
  const async = new InMemoryTransport({ transportName: 'async', clock });
  const failed = new InMemoryTransport({ transportName: 'failed', clock });
  const core = createCore({
    clock,
    transports: { async, failed },
    routes: [[Job, 'async']],
    handlers: [handler('H', Job, call)],
    policies: { async: { retryStrategy, failureTransport: 'failed' } },
    ...more,
  });
  return {
    ...core,
    clock,
    async,
    failed,
    work: () => core.workers.create(['async'], { stopWhenIdle: true }).run(),
    /** Dispatches a job and tells whether it was sent. */
    sends: async (stamp = new DeduplicateStamp('job', 10)) =>
      !(await core.bus.dispatch(new Job(), [stamp])).has(DuplicateStamp),
  };
}

const failing = (): never => {
  throw new Error('No.');
};

describe('the lock of a message that a worker has received', () => {
  it('is released once its handlers have succeeded', async () => {
    const answers: boolean[] = [];
    const app: ReturnType<typeof setup> = setup(async () => void answers.push(await app.sends()));
    await app.sends();

    await app.work();

    expect(answers).toEqual([false]);
    expect(await app.sends()).toBe(true);
  });

  it('is released before, if it keeps out only what waits', async () => {
    const inQueue = new DeduplicateStamp('job', 10, true);
    const answers: boolean[] = [];
    const app: ReturnType<typeof setup> = setup(async () => {
      if (answers.length === 0) {
        answers.push(await app.sends(inQueue), await app.sends(inQueue));
      }
    });
    await app.sends(inQueue);

    await app.workers.create(['async'], { limit: 1 }).run();

    expect(answers).toEqual([true, false]);
    expect(app.async.queue).toHaveLength(1);
  });

  it('is not taken again for a retry, if it keeps out only what waits for the first time', async () => {
    const app = setup(failing);
    await app.sends(new DeduplicateStamp('job', 10, true));

    await app.work();

    expect(app.async.queue).toHaveLength(1);
    expect(await app.sends()).toBe(true);
  });

  it('is not released by it if it has expired and is another’s', async () => {
    const gate = deferred();
    const started = deferred();
    const app = setup(async () => {
      started.resolve();
      await gate.promise;
    });
    await app.sends();
    const worker = app.workers.create(['async'], { limit: 1 }).run();
    await started.promise;
    await app.clock.advance(10_000);
    expect(await app.sends()).toBe(true);

    gate.resolve();
    await worker;

    expect(await app.sends()).toBe(false);
  });

  it('is kept while it waits for a retry that comes after the ttl, and released when that succeeds', async () => {
    let isFirst = true;
    const app = setup(() => {
      if (isFirst) {
        isFirst = false;
        failing();
      }
    });
    await app.sends();
    await app.work();

    await app.clock.advance(59_999);
    expect(await app.sends()).toBe(false);
    await app.clock.advance(1);
    await app.work();

    expect(await app.sends()).toBe(true);
  });

  it('is taken again for a retry if it has expired', async () => {
    const app = setup(async () => {
      await app.clock.advance(10_000);
      failing();
    });
    await app.sends();

    await app.work();

    expect(await app.sends()).toBe(false);
  });

  it('is released when the message is moved to its failure transport, which it enters without', async () => {
    const app = setup(failing);
    await app.sends();
    await app.work();
    await app.clock.advance(60_000);
    expect(await app.sends()).toBe(false);

    await app.work();

    const [kept] = app.failed.queue;
    expect(kept?.has(DeduplicateStamp)).toBe(true);
    expect(kept?.has(DeduplicationLockStamp)).toBe(false);
    expect(await app.sends()).toBe(true);
  });

  it('is released when the message is dropped, and when trying again cannot help', async () => {
    const dropped = setup(failing, { policies: {} });
    const hopeless = setup(() => {
      throw new UnrecoverableError('Hopeless.');
    });
    for (const app of [dropped, hopeless]) {
      await app.sends();
      await app.work();
      expect(await app.sends()).toBe(true);
    }
  });

  it('is kept if the message stays where it is because its copy could not be stored', async () => {
    const clock = new FakeClock();
    const async = new InMemoryTransport({ transportName: 'async', clock });
    const app = setup(failing, {
      clock,
      transports: { async, failed: new RecordingTransport(() => new Error('Down.')) },
      policies: { async: { failureTransport: 'failed' } },
    });
    await app.sends();

    await app.work();

    expect(async.queue).toHaveLength(1);
    expect(await app.sends()).toBe(false);
  });

  it('is not taken when a failed message is run again by hand, and that of another stays', async () => {
    const app = setup(() => {
      throw new UnrecoverableError('Hopeless.');
    });
    await app.sends();
    await app.work();
    await app.sends();
    const id = app.failed.queue[0]?.last(TransportMessageIdStamp)?.id ?? '';

    expect((await app.retrier.retry('failed', id)).outcome).toBe('failed');

    expect(await app.sends()).toBe(false);
    expect(
      await app.failedMessages.remove('failed', app.failed.queue[0]?.last(TransportMessageIdStamp)?.id ?? ''),
    ).toBe(true);
    expect(await app.sends()).toBe(false);
  });

  it('is kept until the last of several handlers has succeeded', async () => {
    const called: string[] = [];
    const app = setup(() => undefined, {
      handlers: [
        handler('Good', Job, () => void called.push('Good')),
        handler('Bad', Job, () => {
          called.push('Bad');
          if (called.length < 3) {
            failing();
          }
        }),
      ],
    });
    await app.sends();
    await app.work();
    expect(await app.sends()).toBe(false);

    await app.clock.advance(60_000);
    await app.work();

    expect(called).toEqual(['Good', 'Bad', 'Bad']);
    expect(await app.sends()).toBe(true);
  });

  it('is released when its item of a batch is settled, each by its own outcome', async () => {
    const app = setup(() => undefined, {
      handlers: [
        handler(
          'B',
          Job,
          ((batch: Batch<Job>) => {
            for (const item of batch) {
              if (item.message.id === 2) {
                item.nack(new Error('No.'));
              }
            }
          }) as never,
          { batch: { size: 2 } },
        ),
      ],
    });
    const keys = ['one', 'two'];
    for (const [index, key] of keys.entries()) {
      await app.bus.dispatch(new Job(index + 1), [new DeduplicateStamp(key)]);
    }

    await app.work();

    expect(await app.sends(new DeduplicateStamp('one'))).toBe(true);
    expect(await app.sends(new DeduplicateStamp('two'))).toBe(false);
  });

  it('is taken again if the message succeeded, but what waited for it did not', async () => {
    class Later {}
    const app: ReturnType<typeof setup> = setup(() => undefined, {
      handlers: [
        handler('H', Job, async () => {
          await app.bus.dispatch(new Later(), [new DispatchAfterCurrentBusStamp()]);
        }),
        handler('L', Later, failing),
      ],
    });
    await app.sends();

    await app.work();

    expect(app.async.queue).toHaveLength(1);
    expect(await app.sends()).toBe(false);
  });

  it('ends by itself if it cannot be released; the message is acknowledged all the same', async () => {
    const app = setup(() => undefined);
    await app.sends();
    app.async.locks.release = () => Promise.reject(new Error('Down.'));

    await app.work();

    expect(app.async.acknowledged).toHaveLength(1);
    expect(app.logger.texts('warn')).toEqual([
      'Could not release the lock "job" in transport "async"; it ends after its ttl.',
    ]);
    expect(await app.sends()).toBe(false);
    await app.clock.advance(10_000);
    expect(await app.sends()).toBe(true);
  });

  it('is left alone, with a warning, if this application does not have its transport', async () => {
    const app = setup(() => undefined);
    await app.async.send([
      (await app.bus.dispatch(new Job())).with(
        new DeduplicateStamp('job'),
        new DeduplicationLockStamp('elsewhere', 'token'),
      ),
    ]);

    await app.work();

    expect(app.async.acknowledged).toHaveLength(2);
    expect(app.logger.texts('warn')).toEqual([
      'Could not release the lock "job" in transport "elsewhere"; it ends after its ttl.',
    ]);
  });
});
