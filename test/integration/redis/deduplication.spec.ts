import { describe, expect, it } from 'vitest';
import { DeduplicateStamp } from '../../../lib/stamp/deduplicate.stamp.js';
import { DuplicateStamp } from '../../../lib/stamp/duplicate.stamp.js';
import { SentStamp } from '../../../lib/stamp/sent.stamp.js';
import { deferred } from '../../fixtures/core.js';
import { type App, Job, startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { redisUrl, sharedRedis, uniqueStream } from './support/shared-redis.js';

const PROCESSES = 2;

/** Two applications on one stream, as two processes run them, and the key of the lock "job". */
function setup(handle?: (text: string) => unknown) {
  const stream = uniqueStream();
  const apps = Array.from({ length: PROCESSES }, () =>
    startApp({ dsn: redisUrl(stream), ...(handle && { handle }) }),
  );
  const [one, two] = apps as [App, App];
  return { apps, one, two, redis: sharedRedis(), lock: `${stream}__lock:job` };
}

/** Dispatches a job and tells whether it was sent. */
async function sends(app: App, text = 'job', stamp = new DeduplicateStamp('job')): Promise<boolean> {
  const envelope = await app.core.bus.dispatch(new Job(text), [stamp]);
  expect(envelope.has(DuplicateStamp)).toBe(!envelope.has(SentStamp));
  return envelope.has(SentStamp);
}

describe('messages with a DeduplicateStamp in Redis', () => {
  it('are sent by exactly one of many who dispatch one at the same time', async () => {
    const { apps, one, redis, lock } = setup();

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => sends(apps[index % PROCESSES] as App, String(index))),
    );

    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await one.transport.messageCount()).toMatchObject({ ready: 1 });
    const left = await redis.pttl(lock);
    expect(left).toBeGreaterThan(200_000);
    expect(left).toBeLessThanOrEqual(300_000);
  });

  it('let the next one in when the worker of another process has handled the first', async () => {
    const started = deferred();
    const gate = deferred();
    const { one, two, redis, lock } = setup(async () => {
      started.resolve();
      await gate.promise;
    });
    await sends(one, 'first');
    two.work();
    await started.promise;
    expect(await sends(one)).toBe(false);

    gate.resolve();
    await eventually('the lock is released', async () => (await redis.exists(lock)) === 0);

    expect(await sends(one, 'second')).toBe(true);
    await two.handles('second');
  });

  it('keep the others out through all retries, and no longer when the last has failed', async () => {
    const answers: boolean[] = [];
    const { one, two, redis, lock } = setup(async (text) => {
      if (text === 'first') {
        answers.push(await sends(one));
        throw new Error('No.');
      }
    });
    await sends(one, 'first');
    two.work();

    await eventually(
      'the lock is released',
      async () => answers.length === 4 && (await redis.exists(lock)) === 0,
    );

    expect(answers).toEqual([false, false, false, false]);
    expect(await sends(two, 'second')).toBe(true);
    await two.handles('second');
  });

  it('hold the lock for their ttl at the most', async () => {
    const { one, two } = setup();
    const short = new DeduplicateStamp('job', 0.1);
    expect(await sends(one, 'first', short)).toBe(true);

    await eventually('the lock has ended', () => sends(two, 'second', short));

    expect(await one.transport.messageCount()).toMatchObject({ ready: 2 });
  });
});
