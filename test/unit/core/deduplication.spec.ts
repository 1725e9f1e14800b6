import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { DeduplicationUnavailableError } from '../../../lib/errors/deduplication-unavailable.error.js';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import { PartiallySentError } from '../../../lib/errors/partially-sent.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import type { Middleware } from '../../../lib/middleware/middleware.js';
import { DeduplicateStamp } from '../../../lib/stamp/deduplicate.stamp.js';
import { DeduplicationLockStamp } from '../../../lib/stamp/deduplication-lock.stamp.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { DispatchAfterCurrentBusStamp } from '../../../lib/stamp/dispatch-after-current-bus.stamp.js';
import { DuplicateStamp } from '../../../lib/stamp/duplicate.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { SendTogetherStamp } from '../../../lib/stamp/send-together.stamp.js';
import { SentStamp } from '../../../lib/stamp/sent.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import type { DeduplicationLocks } from '../../../lib/transport/capabilities.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { SyncTransport } from '../../../lib/transports/sync/sync.transport.js';
import { type CoreSetup, createCore, deferred, handler, rejectionOf } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

class Job {
  constructor(readonly id = 1) {}
}

/** Notes what its locks are asked for; everything is granted unless `answer` says otherwise. */
class LockingTransport extends RecordingTransport {
  readonly asked: Array<readonly [verb: 'acquire' | 'release', key: string, ttl?: number]> = [];
  answer: () => Promise<boolean> = () => Promise.resolve(true);
  readonly locks: DeduplicationLocks = {
    acquire: (key, _token, ttl) => {
      this.asked.push(['acquire', key, ttl]);
      return this.answer();
    },
    release: (key) => {
      this.asked.push(['release', key]);
      return Promise.resolve();
    },
  };

  get verbs(): readonly string[] {
    return this.asked.map(([verb]) => verb);
  }
}

const once = (key = 'job', ttl?: number): readonly [DeduplicateStamp] => [new DeduplicateStamp(key, ttl)];

/** Jobs go to an in-memory transport, whose clock stands still. */
function setup(more: CoreSetup = {}) {
  const clock = new FakeClock();
  const async = new InMemoryTransport({ transportName: 'async', clock });
  const core = createCore({ clock, transports: { async }, routes: [[Job, 'async']], ...more });
  return { ...core, clock, async };
}

/** Jobs go to a transport that notes what its locks are asked for. */
function locking(refuse?: (envelope: Envelope) => Error | undefined, more: CoreSetup = {}) {
  const async = new LockingTransport(refuse);
  return { ...createCore({ transports: { async }, routes: [[Job, 'async']], ...more }), async };
}

describe('a message with a DeduplicateStamp', () => {
  it('is neither sent nor handled while another with its key waits, and says so', async () => {
    const { bus, async, logger } = setup();

    const first = await bus.dispatch(new Job(1), once());
    const second = await bus.dispatch(new Job(2), once());

    expect(first.has(SentStamp)).toBe(true);
    expect(first.has(DuplicateStamp)).toBe(false);
    expect(second.last(DuplicateStamp)?.key).toBe('job');
    expect(second.has(SentStamp)).toBe(false);
    expect(async.queue.map(({ message }) => message)).toEqual([new Job(1)]);
    expect(logger.texts('debug')).toEqual(['"Job" is dropped: another message has the lock "job".']);
  });

  it('is sent if the key is another, or the lock has expired', async () => {
    const { bus, async, clock } = setup();
    await bus.dispatch(new Job(1), once());

    await bus.dispatch(new Job(2), once('other'));
    await clock.advance(299_999);
    await bus.dispatch(new Job(3), once());
    await clock.advance(1);
    await bus.dispatch(new Job(4), once());

    expect(async.queue.map(({ message }) => (message as Job).id)).toEqual([1, 2, 4]);
  });

  it('may be dispatched again as it came back', async () => {
    const { bus, async, clock } = setup();
    const first = await bus.dispatch(new Job(), once());
    const duplicate = await bus.dispatch(first);
    expect(duplicate.has(DuplicateStamp)).toBe(true);

    await clock.advance(300_000);
    const again = await bus.dispatch(duplicate);

    expect(again.has(DuplicateStamp)).toBe(false);
    expect(again.all(DeduplicationLockStamp)).toHaveLength(1);
    expect(again.last(DeduplicationLockStamp)).not.toEqual(first.last(DeduplicationLockStamp));
    expect(async.queue).toHaveLength(2);
  });

  it('holds the lock for its ttl after it is due', async () => {
    const { bus, async } = locking();

    await bus.dispatch(new Job(), [...once('job', 0.5), new DelayStamp(10_000)]);

    expect(async.asked).toEqual([['acquire', 'job', 10_500]]);
  });

  it('has its key hashed unless every store can take it as it is', async () => {
    const { bus, async } = locking();
    const plain = 'a/b.c@d-e_f:1';
    for (const key of [plain, 'with space', 'Ü', 'x'.repeat(128), 'x'.repeat(129), '#']) {
      await bus.dispatch(new Job(), once(key));
    }

    const keys = async.asked.map(([, key]) => key);

    expect([keys[0], keys[3]]).toEqual([plain, 'x'.repeat(128)]);
    for (const key of [keys[1], keys[2], keys[4], keys[5]]) {
      expect(key).toMatch(/^#[0-9a-f]{64}$/);
    }
    expect(new Set(keys).size).toBe(6);
  });

  it('is not asked for twice: one that was received never takes a lock', async () => {
    const { bus, async } = locking(undefined, { handlers: [handler('H', Job, () => undefined)] });

    await bus.dispatch(new Job(), [...once(), new ReceivedStamp('async')]);

    expect(async.asked).toEqual([]);
  });

  it('refuses a key and a ttl that mean nothing', () => {
    expect(() => new DeduplicateStamp('')).toThrow(
      'Invalid "DeduplicateStamp": the key must be a text that is not empty, got "".',
    );
    for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 4e9]) {
      expect(() => new DeduplicateStamp('key', ttl)).toThrow(
        `Invalid "DeduplicateStamp": the ttl must be above 0 and at most 3155760000 seconds, got ${ttl}.`,
      );
    }
  });
});

describe('the lock of a message', () => {
  it.each([
    ['stays if it was sent', () => undefined, ['acquire']],
    [
      'is released if its transport refused it',
      () => new TransportError('async', 'full.'),
      ['acquire', 'release'],
    ],
    ['stays if it may have been sent', () => new MaybeSentError('async', 'lost.'), ['acquire']],
  ])('%s', async (_, refuse, verbs) => {
    const { bus, async } = locking(refuse);

    await bus.dispatch(new Job(), once()).catch(() => undefined);

    expect(async.verbs).toEqual(verbs);
  });

  it('stays if one of several transports has the message', async () => {
    const async = new LockingTransport();
    const other = new RecordingTransport(() => new Error('No.'));
    const { bus } = createCore({ transports: { async, other }, routes: [[Job, ['async', 'other']]] });

    expect(await rejectionOf(bus.dispatch(new Job(), once()))).toBeInstanceOf(PartiallySentError);

    expect(async.verbs).toEqual(['acquire']);
  });

  it('is released if a middleware refused the message, and stays if it was sent before the middleware threw', async () => {
    let isAfter = false;
    const throwing: Middleware = {
      async handle(envelope, next) {
        if (isAfter) {
          await next(envelope);
        }
        throw new Error('Mine.');
      },
    };
    const { bus, async } = locking(undefined, { buses: { command: { middleware: [throwing] } } });

    await rejectionOf(bus.dispatch(new Job(), once()));
    expect(async.verbs).toEqual(['acquire', 'release']);
    isAfter = true;
    await rejectionOf(bus.dispatch(new Job(), once()));

    expect(async.sent).toHaveLength(1);
    expect(async.verbs).toEqual(['acquire', 'release', 'acquire']);
  });

  it('stays if a middleware hides that the message may have been sent', async () => {
    const wrapping: Middleware = {
      handle: (envelope, next) =>
        next(envelope).catch((cause: unknown) => {
          throw new Error('Mine.', { cause });
        }),
    };
    const { bus, async } = locking(() => new MaybeSentError('async', 'lost.'), {
      buses: { command: { middleware: [wrapping] } },
    });

    await rejectionOf(bus.dispatch(new Job(), once()));

    expect(async.verbs).toEqual(['acquire']);
  });

  it('is given back if it is not known whether it was taken, and the message is not sent', async () => {
    const { bus, async } = locking();
    async.answer = () => Promise.reject(new TransportError('async', 'gone.'));

    const error = await rejectionOf(bus.dispatch(new Job(), once()));

    expect(error.message).toContain('gone.');
    expect(async.verbs).toEqual(['acquire', 'release']);
    expect(async.sent).toEqual([]);
  });

  it('is not touched for a message without the stamp', async () => {
    const { bus, async } = locking();

    const envelope = await bus.dispatch(new Job());

    expect(async.asked).toEqual([]);
    expect(envelope.has(SendTogetherStamp)).toBe(false);
  });
});

describe('the place of the lock', () => {
  it('is the first transport of the route that can keep it, or the one that is configured', async () => {
    const transports = {
      plain: new RecordingTransport(),
      one: new LockingTransport(),
      two: new LockingTransport(),
    };
    const routes: CoreSetup['routes'] = [[Job, ['plain', 'one', 'two']]];
    const found = await createCore({ transports, routes }).bus.dispatch(new Job(), once());
    const configured = await createCore({ transports, routes, deduplication: 'two' }).bus.dispatch(
      new Job(),
      once(),
    );

    expect(found.last(DeduplicationLockStamp)?.transportName).toBe('one');
    expect(configured.last(DeduplicationLockStamp)?.transportName).toBe('two');
  });

  it('has to be somewhere', async () => {
    const transports = { plain: new RecordingTransport(), able: new LockingTransport() };
    const { bus } = createCore({ transports, routes: [[Job, 'plain']] });
    const bare = createCore();

    const error = await rejectionOf(bus.dispatch(new Job(), once()));

    expect(error).toBeInstanceOf(DeduplicationUnavailableError);
    expect(error.message).toBe(
      'Message "Job" has a DeduplicateStamp, but none of the transports it is routed to ("plain") can keep the lock. ' +
        'Name one that can in the option "deduplication" of the module: "able".',
    );
    expect(transports.plain.sent).toEqual([]);
    expect((await rejectionOf(bare.bus.dispatch(new Job(), once()))).message).toBe(
      'Message "Job" has a DeduplicateStamp, but it is routed to no transport that could keep the lock. Configure a ' +
        'transport that can, "redis:" or "sqlite:" for instance, and name it in the option "deduplication" of the module.',
    );
  });

  it('is refused at boot if it can keep none', () => {
    const transports = { plain: new RecordingTransport(), able: new LockingTransport() };

    expect(() => createCore({ transports, deduplication: 'plain' })).toThrow(
      'Transport "plain" cannot keep the locks of DeduplicateStamps. Name another one in the option "deduplication" of the ' +
        'module; those that can: "able".',
    );
  });
});

describe('a message that is handled where it is dispatched', () => {
  it('is handled by one of those who dispatch it at the same time; the lock is released whatever the outcome', async () => {
    const gate = deferred();
    const handled: number[] = [];
    const { bus } = setup({
      routes: [],
      deduplication: 'async',
      handlers: [
        handler('H', Job, async ({ id }: Job) => {
          handled.push(id);
          await gate.promise;
          if (id < 3) {
            throw new Error('No.');
          }
        }),
      ],
    });

    const first = rejectionOf(bus.dispatch(new Job(1), once()));
    const second = await bus.dispatch(new Job(2), once());
    gate.resolve();
    await first;
    const third = await bus.dispatch(new Job(3), once());

    expect(second.has(DuplicateStamp)).toBe(true);
    expect(third.has(HandledStamp)).toBe(true);
    expect(third.has(SendTogetherStamp)).toBe(false);
    expect(handled).toEqual([1, 3]);
  });

  it('is dropped by execute with an error that says why', async () => {
    const gate = deferred();
    const { bus } = setup({
      routes: [],
      deduplication: 'async',
      handlers: [handler('H', Job, () => gate.promise)],
    });
    const first = bus.execute(new Job(), once());

    const error = await rejectionOf(bus.execute(new Job(), once()));
    gate.resolve();
    await first;

    expect(error.message).toBe(
      'execute() needs exactly one handler for "Job" in this process, but it was dropped: another message has the lock ' +
        '"job" of its DeduplicateStamp.',
    );
  });

  it('by a sync transport releases the lock as well', async () => {
    let fails = true;
    const clock = new FakeClock();
    const async = new InMemoryTransport({ transportName: 'async', clock });
    const core: ReturnType<typeof createCore> = createCore({
      transports: { async, sync: new SyncTransport('sync', () => core.routable) },
      routes: [[Job, 'sync']],
      deduplication: 'async',
      handlers: [handler('H', Job, () => (fails ? Promise.reject(new Error('No.')) : undefined))],
    });

    await rejectionOf(core.bus.dispatch(new Job(), once()));
    fails = false;
    const second = await core.bus.dispatch(new Job(), once());
    const third = await core.bus.dispatch(new Job(), once());

    expect([second, third].map((envelope) => envelope.has(HandledStamp))).toEqual([true, true]);
  });
});

describe('messages dispatched together', () => {
  it('have a lock each; of those with one key the first is sent, with one call for all', async () => {
    const { bus, async } = setup();
    const calls: number[] = [];
    const send = async.send.bind(async);
    async.send = (envelopes) => {
      calls.push(envelopes.length);
      return send(envelopes);
    };
    const jobs = [
      new Envelope(new Job(1), once()),
      new Envelope(new Job(2), once()),
      new Envelope(new Job(3), once('other')),
      new Envelope(new Job(4)),
    ];

    const envelopes = await bus.dispatchAll(jobs);

    expect(envelopes.map((envelope) => envelope.has(DuplicateStamp))).toEqual([false, true, false, false]);
    expect(envelopes.map((envelope) => envelope.has(SendTogetherStamp))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(async.queue.map(({ message }) => (message as Job).id)).toEqual([1, 3, 4]);
    expect(calls).toEqual([3]);
  });

  it('release their locks if none is sent', async () => {
    const validate: Middleware = {
      handle: (envelope, next) =>
        (envelope.message as Job).id === 2 ? Promise.reject(new Error('Not valid.')) : next(envelope),
    };
    const { bus, async } = setup({ buses: { command: { middleware: [validate] } } });

    await rejectionOf(
      bus.dispatchAll([new Envelope(new Job(1), once()), new Envelope(new Job(2), once('other'))]),
    );
    await bus.dispatch(new Job(3), once());

    expect(async.queue.map(({ message }) => (message as Job).id)).toEqual([3]);
  });
});

describe('a message that waits for the current one', () => {
  it('takes its lock when it is sent, and none if it never is', async () => {
    class Root {
      constructor(readonly fails: boolean) {}
    }
    const seen: number[] = [];
    const core: ReturnType<typeof setup> = setup({
      handlers: [
        handler('R', Root, async ({ fails }: Root) => {
          await core.bus.dispatch(new Job(1), [...once(), new DispatchAfterCurrentBusStamp()]);
          seen.push(core.async.queue.length);
          await core.bus.dispatch(new Job(2), once(fails ? 'failed' : 'job'));
          if (fails) {
            throw new Error('No.');
          }
        }),
      ],
    });

    await rejectionOf(core.bus.dispatch(new Root(true)));
    await core.bus.dispatch(new Root(false));

    // The one that did not wait came first.
    expect(core.async.queue.map(({ message }) => (message as Job).id)).toEqual([2, 2]);
    expect(seen).toEqual([0, 1]);
  });
});
