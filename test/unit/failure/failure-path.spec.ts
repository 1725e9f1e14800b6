import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { Stamp } from '../../../lib/envelope/stamp.js';
import { MessageDecodingFailedError } from '../../../lib/errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import { RecoverableError } from '../../../lib/errors/recoverable.error.js';
import { UnrecoverableError } from '../../../lib/errors/unrecoverable.error.js';
import { WorkerMessageFailedEvent } from '../../../lib/event/worker-message-failed.event.js';
import { WorkerMessageRetriedEvent } from '../../../lib/event/worker-message-retried.event.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import type { Middleware } from '../../../lib/middleware/middleware.js';
import { MultiplierRetryStrategy } from '../../../lib/retry/multiplier.retry-strategy.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { MessageDecodingFailedStamp } from '../../../lib/stamp/message-decoding-failed.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { collect, type CoreSetup, createCore, handler } from '../../fixtures/core.js';

class Task {
  constructor(readonly id: number) {}
}

const retryStrategy = new MultiplierRetryStrategy({ jitter: 0 });

function setup(call: (task: Task) => unknown, more: CoreSetup = {}) {
  const clock = new FakeClock();
  const async = new InMemoryTransport({ transportName: 'async', clock });
  const failed = new InMemoryTransport({ transportName: 'failed', clock });
  const core = createCore({
    clock,
    transports: { async, failed },
    routes: [[Task, 'async']],
    handlers: [handler('H', Task, call)],
    policies: {
      async: { retryStrategy, failureTransport: 'failed' },
      failed: { retryStrategy },
    },
    ...more,
  });
  const runOnce = async (receiver = 'async') =>
    (await core.workers.create([receiver], { stopWhenIdle: true }).run()).processed;
  return { ...core, clock, async, failed, runOnce };
}

describe('a message that fails', () => {
  it('is tried four times, after 1, 2 and 4 seconds, and then is in the failure transport', async () => {
    const attempts: number[] = [];
    const core = setup(() => {
      attempts.push(core.clock.now());
      throw new Error(`Attempt ${attempts.length}.`);
    });
    await core.bus.dispatch(new Task(1));

    expect(await core.runOnce()).toBe(1);
    for (const delay of [1000, 2000, 4000]) {
      await core.clock.advance(delay - 1);
      expect(await core.runOnce()).toBe(0);
      await core.clock.advance(1);
      expect(await core.runOnce()).toBe(1);
    }

    expect(attempts.map((at) => at - (attempts[0] ?? 0))).toEqual([0, 1000, 3000, 7000]);
    expect(await core.async.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    const [kept] = core.failed.queue;
    expect(kept?.last(SentToFailureTransportStamp)?.originalReceiverName).toBe('async');
    expect(kept?.last(RedeliveryStamp)?.retryCount).toBe(0);
    expect(kept?.all(ErrorDetailsStamp).map((stamp) => [stamp.errorMessage, stamp.host])).toEqual([
      ['Attempt 1.', 'test-host'],
      ['Attempt 2.', 'test-host'],
      ['Attempt 3.', 'test-host'],
      ['Attempt 4.', 'test-host'],
    ]);
  });

  it('keeps its id, and its later retries skip the handlers that succeeded', async () => {
    const called: string[] = [];
    const core = setup(() => undefined, {
      handlers: [
        handler('Good', Task, () => void called.push('Good')),
        handler('Bad', Task, () => {
          called.push('Bad');
          throw new Error('No.');
        }),
      ],
    });
    const sent = await core.bus.dispatch(new Task(1));
    await core.runOnce();
    await core.clock.advance(1000);
    await core.runOnce();

    expect(called).toEqual(['Good', 'Bad', 'Bad']);
    expect(core.async.queue[0]?.last(MessageIdStamp)).toEqual(sent.last(MessageIdStamp));
    expect(core.async.queue[0]?.all(HandledStamp).map(({ handlerName }) => handlerName)).toEqual(['Good']);
  });

  it('goes to the failure transport at once when trying again cannot help', async () => {
    const core = setup(() => {
      throw new UnrecoverableError('Hopeless.');
    });
    await core.bus.dispatch(new Task(1));

    await core.runOnce();

    expect(core.failed.queue).toHaveLength(1);
    expect(core.logger.texts('error')[0]).toMatch(
      /^Handling "Task" \([0-9a-f-]{36}\) from transport "async" failed on attempt 1: Hopeless\. It is now in failure transport "failed"\.$/,
    );
  });

  it('waits as long as a RecoverableError says', async () => {
    const core = setup(() => {
      throw new RecoverableError('Closed.', { retryDelay: 90_000 });
    });
    await core.bus.dispatch(new Task(1));
    await core.runOnce();

    await core.clock.advance(89_999);
    expect(await core.runOnce()).toBe(0);
    await core.clock.advance(1);
    expect(await core.runOnce()).toBe(1);
  });

  it('is dropped with an error in the log where there is no failure transport', async () => {
    const core = setup(() => Promise.reject(new Error('No.')), { policies: {} });
    await core.bus.dispatch(new Task(1));

    await core.runOnce();

    expect(core.async.rejected).toHaveLength(1);
    expect(core.logger.texts('error')[0]).toContain(
      'It is dropped: transport "async" has no failure transport.',
    );
  });

  it('remembers a bounded history, with a stack only for the first and the latest attempt', async () => {
    const core = setup(() => Promise.reject(new Error('No.')), {
      policies: { async: { retryStrategy: new MultiplierRetryStrategy({ maxRetries: 50, delay: 0 }) } },
    });
    await core.bus.dispatch(new Task(1));

    await core.workers.create(['async'], { limit: 30 }).run();

    const history = core.async.queue[0]?.all(ErrorDetailsStamp) ?? [];
    expect(history).toHaveLength(10);
    expect(history.map(({ flattened }) => flattened !== undefined)).toEqual([
      true,
      ...Array<boolean>(8).fill(false),
      true,
    ]);
    expect(core.async.queue[0]?.all(RedeliveryStamp)).toHaveLength(1);
  });

  it('can be decided about by a listener, which also adds stamps', async () => {
    class NoteStamp extends Stamp {}
    const core = setup(() => Promise.reject(new Error('No.')));
    const retried: number[] = [];
    core.events.on(WorkerMessageFailedEvent, (event) => {
      event.retryDelay = 5;
      event.addStamps(new NoteStamp());
    });
    core.events.on(WorkerMessageRetriedEvent, ({ delay }) => void retried.push(delay));
    await core.bus.dispatch(new Task(1));

    await core.runOnce();

    expect(retried).toEqual([5]);
    expect(core.async.queue[0]?.has(NoteStamp)).toBe(true);
  });

  it('is described whatever was thrown', async () => {
    const circular: { message: string; cause?: unknown } = { message: 'Round.' };
    circular.cause = circular;
    const thrown: unknown[] = [
      undefined,
      'a text',
      circular,
      {
        get message(): string {
          throw new Error('no');
        },
        get stack(): string {
          throw new Error('no');
        },
      },
    ];
    const core = setup(({ id }) => Promise.reject(thrown[id]), {
      policies: { async: { failureTransport: 'failed' } },
    });
    await core.bus.dispatchAll(thrown.map((_, id) => new Task(id)));

    await core.runOnce();

    expect(core.failed.queue.map((envelope) => envelope.last(ErrorDetailsStamp)?.errorMessage)).toEqual([
      'undefined',
      'a text',
      'Round.',
      'an error that cannot be read',
    ]);
  });
});

describe('a failed message', () => {
  const fail = (core: ReturnType<typeof setup>) => core.bus.dispatch(new Task(1)).then(() => core.runOnce());
  const idOf = (envelope: Envelope | undefined): string => envelope?.last(TransportMessageIdStamp)?.id ?? '';

  it('is handled when it is retried by hand, and then is gone', async () => {
    let isBroken = true;
    const core = setup(() => (isBroken ? Promise.reject(new UnrecoverableError('Broken.')) : 'fine'));
    await fail(core);
    isBroken = false;

    expect(await core.retrier.retry('failed', idOf(core.failed.queue[0]))).toEqual({ outcome: 'handled' });
    expect(core.failed.queue).toEqual([]);
    expect(await core.retrier.retry('failed', '1')).toEqual({ outcome: 'gone' });
  });

  it('stays, with one more entry in its history, when it fails again by hand', async () => {
    const core = setup(() => Promise.reject(new UnrecoverableError('Broken.')));
    await fail(core);

    const retry = await core.retrier.retry('failed', idOf(core.failed.queue[0]));

    expect(retry).toMatchObject({ outcome: 'failed', error: { message: 'Handling "Task" failed: Broken.' } });
    expect(await core.failed.messageCount()).toMatchObject({ ready: 1, inFlight: 0, delayed: 0 });
    expect(core.failed.queue[0]?.all(ErrorDetailsStamp)).toHaveLength(2);
    expect(core.failed.queue[0]?.last(SentToFailureTransportStamp)?.originalReceiverName).toBe('async');
  });

  it('stays when a worker consumes the failure transport and it keeps failing, but is not offered again at once', async () => {
    let calls = 0;
    const core = setup(() => {
      calls += 1;
      throw new UnrecoverableError('Broken.');
    });
    await fail(core);

    await core.runOnce('failed');
    await core.runOnce('failed');

    expect(calls).toBe(2);
    expect(await core.failed.messageCount()).toMatchObject({ ready: 0, delayed: 1 });
  });

  it('can be listed, found and removed', async () => {
    const core = setup(() => Promise.reject(new UnrecoverableError('Broken.')));
    await fail(core);
    const [listed] = await collect(core.failedMessages.list('failed'));

    expect(core.failedMessages.failureTransportNames()).toEqual(['failed']);
    expect(listed).toMatchObject({ messageName: 'Task', failedFrom: 'async', undecodable: undefined });
    expect(listed?.failedAt).toEqual(new Date(core.clock.now()));
    expect((await core.failedMessages.find('failed', listed?.id ?? ''))?.attempts).toHaveLength(1);
    expect(await core.failedMessages.remove('failed', listed?.id ?? '')).toBe(true);
    expect(await core.failedMessages.remove('failed', listed?.id ?? '')).toBe(false);
    expect(core.failed.queue).toEqual([]);
  });
});

describe('when things go wrong while things go wrong', () => {
  it('keeps a message whose copy cannot be stored, offers it again later, and goes on with others', async () => {
    const full = new Error('Disk full.');
    class FullTransport extends InMemoryTransport {
      override send(): Promise<readonly Envelope[]> {
        return Promise.reject(full);
      }
      override canRequeueTo(): boolean {
        return false;
      }
    }
    const clock = new FakeClock();
    const async = new InMemoryTransport({ transportName: 'async', clock });
    const failed = new FullTransport({ transportName: 'failed', clock });
    async.canRequeueTo = () => false;
    const handled: number[] = [];
    const core = setup(() => undefined, {
      clock,
      transports: { async, failed },
      policies: { async: { failureTransport: 'failed' } },
      handlers: [
        handler('H', Task, ({ id }: Task) =>
          id === 1 ? Promise.reject(new Error('No.')) : handled.push(id),
        ),
      ],
    });
    await core.bus.dispatchAll([new Task(1), new Task(2)]);

    await core.workers.create(['async'], { stopWhenIdle: true }).run();

    expect(handled).toEqual([2]);
    expect(await async.messageCount()).toMatchObject({ ready: 0, delayed: 1, inFlight: 0 });
    expect(core.logger.texts('error').join()).toContain('Its copy could not be stored, so it stays there.');
  });

  it('leaves out a stamp that cannot be encoded rather than losing the message', async () => {
    class FunctionStamp extends Stamp {}
    const addStamp: Middleware = { handle: (envelope, next) => next(envelope.with(new FunctionStamp())) };
    class Picky extends InMemoryTransport {
      override requeue(
        items: Parameters<InMemoryTransport['requeue']>[0],
      ): ReturnType<InMemoryTransport['requeue']> {
        return items.some(({ copy }) => copy.has(FunctionStamp))
          ? Promise.reject(new MessageEncodingFailedError('Task', 'a stamp is a function.'))
          : super.requeue(items);
      }
    }
    const clock = new FakeClock();
    const core = setup(() => Promise.reject(new Error('No.')), {
      clock,
      transports: {
        async: new Picky({ transportName: 'async', clock }),
        failed: new InMemoryTransport({ clock }),
      },
      buses: { command: { middleware: [addStamp] } },
    });
    const async = core.transports.get('async') as InMemoryTransport;
    await async.send([new Envelope(new Task(1))]);

    await core.workers.create(['async'], { stopWhenIdle: true }).run();

    expect(async.queue[0]?.last(RedeliveryStamp)?.retryCount).toBe(1);
    expect(async.queue[0]?.last(ErrorDetailsStamp)?.errorMessage).toBe('No.');
  });

  it('treats a retry strategy that throws as one that says no', async () => {
    const retry = {
      isRetryable: () => {
        throw new Error('Strategy.');
      },
      waitingTime: () => 0,
    };
    const core = setup(() => Promise.reject(new Error('No.')), {
      policies: { async: { retryStrategy: retry, failureTransport: 'failed' } },
    });
    await core.bus.dispatch(new Task(1));

    await core.runOnce();

    expect(core.failed.queue).toHaveLength(1);
  });

  it('keeps the bytes of a message that cannot be decoded', async () => {
    const core = setup(() => undefined);
    const encoded = { body: '{oops', headers: { type: 'Task' } };
    await core.async.send([
      new Envelope(new UndecodableMessage(encoded), [
        new MessageDecodingFailedStamp(new MessageDecodingFailedError('Not JSON.')),
      ]),
    ]);

    await core.runOnce();

    const [listed] = await collect(core.failedMessages.list('failed'));
    expect(listed).toMatchObject({ messageName: 'Task', undecodable: 'Not JSON.', failedFrom: 'async' });
    expect(listed?.envelope.message).toEqual(new UndecodableMessage(encoded));
  });
});
