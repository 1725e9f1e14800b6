import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { UnrecoverableError } from '../../../lib/errors/unrecoverable.error.js';
import { RecoverableError } from '../../../lib/errors/recoverable.error.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import type { RetryStrategy } from '../../../lib/retry/retry-strategy.js';
import type { HandlerContext } from '../../../lib/handler/handler-context.js';
import type { Receiver } from '../../../lib/transport/transport.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { type CoreSetup, createCore, handler } from '../../fixtures/core.js';

class Task {
  constructor(readonly id: number) {}
}

function setup(call: (task: Task, context: HandlerContext) => unknown, more: CoreSetup = {}) {
  const async = new InMemoryTransport({ transportName: 'async' });
  const failed = new InMemoryTransport({ transportName: 'failed' });
  const core = createCore({
    clock: systemClock,
    transports: { async, failed },
    routes: [[Task, 'async']],
    handlers: [handler('H', Task, call as never)],
    policies: { async: { failureTransport: 'failed' } },
    ...more,
  });
  const drain = () => core.workers.create(['async'], { stopWhenIdle: true, grace: 50 }).run();
  return { ...core, async, failed, drain };
}

describe('a worker goes on', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('when a handler throws something that throws whatever is done with it', async () => {
    const thrower = (): never => {
      throw new Error('Do not touch.');
    };
    const hostile = new Proxy({}, { get: thrower, has: thrower, getPrototypeOf: thrower, ownKeys: thrower });
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is the case under test.
    const core = setup(({ id }) => (id === 1 ? Promise.reject(hostile) : undefined));
    await core.bus.dispatchAll([new Task(1), new Task(2)]);

    expect(await core.drain()).toMatchObject({ processed: 2, failed: 1 });
    expect(core.failed.queue).toHaveLength(1);
  });

  it.each([[undefined], [null], [5], ['abc'], [[null]], [[{}]], [[new Task(1)]]])(
    'when a transport answers with %j instead of envelopes, without asking all the time',
    async (answer) => {
      let calls = 0;
      const broken = { get: () => (calls++, Promise.resolve(answer)) } as unknown as Receiver;
      const core = setup(() => undefined, {
        transports: { broken: Object.assign(new InMemoryTransport(), { get: broken.get.bind(broken) }) },
      });
      const worker = core.workers.create(['broken']);
      const result = worker.run();

      await expect.poll(() => core.logger.texts('error').length).toBe(1);
      await expect.poll(() => calls).toBeGreaterThanOrEqual(2);
      worker.stop('the test is over');
      await result;

      expect(calls).toBeLessThan(20);
      expect(core.logger.texts('error')).toHaveLength(1);
    },
  );

  it('to its end, when a transport heeds no signal and settles nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    class Deaf extends InMemoryTransport {
      #isAsked = false;
      override async get(): Promise<readonly Envelope[]> {
        if (this.#isAsked) {
          return new Promise(() => undefined);
        }
        this.#isAsked = true;
        return super.get({ max: 1 });
      }
      override ack(): Promise<{ lost: Envelope[] }> {
        return new Promise(() => undefined);
      }
    }
    const deaf = new Deaf();
    const core = setup(() => undefined, { transports: { async: deaf } });
    await deaf.send([new Envelope(new Task(1))]);
    const worker = core.workers.create(['async'], { grace: 100 });
    const result = worker.run();

    await vi.waitFor(() => expect(core.logger.texts('debug').join()).toContain('was handled by'));
    worker.stop('the test is over');
    await vi.advanceTimersByTimeAsync(5000);

    expect(await result).toMatchObject({ processed: 1 });
    expect(core.logger.texts('error')).toEqual([
      'Transport "async" did not end its fetch within 100 ms.',
      'Not everything that was handled could be acknowledged; it will be delivered again.',
    ]);
  });

  it('with other transports, when one is asked without a pause', async () => {
    const handled: number[] = [];
    const low = new InMemoryTransport({ transportName: 'low' });
    const core = setup(({ id }) => void handled.push(id), {
      transports: { async: new InMemoryTransport(), low },
    });
    await low.send([new Envelope(new Task(7))]);

    await core.workers.create(['async', 'low'], { sleep: 0, stopWhenIdle: true }).run();

    expect(handled).toEqual([7]);
  });
});

describe('a message that fails', () => {
  const strategies: Array<[string, RetryStrategy]> = [
    ['NaN', { isRetryable: () => true, waitingTime: () => Number.NaN }],
    ['-1', { isRetryable: () => true, waitingTime: () => -1 }],
    ['a promise', { isRetryable: () => true, waitingTime: () => Promise.resolve(5) as unknown as number }],
    [
      'a promise of a decision',
      { isRetryable: () => Promise.resolve(true) as unknown as boolean, waitingTime: () => 0 },
    ],
  ];

  it.each(strategies)(
    'ends in the failure transport when its retry strategy answers with %s',
    async (_, retryStrategy) => {
      const core = setup(() => Promise.reject(new Error('No.')), {
        policies: { async: { retryStrategy, failureTransport: 'failed' } },
      });
      await core.bus.dispatch(new Task(1));

      await core.drain();

      expect(core.failed.queue).toHaveLength(1);
      expect(core.logger.texts('error')[0]).toBe('The retry strategy of transport "async" threw.');
    },
  );

  it('waits a second when the delay of a RecoverableError is none', async () => {
    const core = setup(() => {
      throw new RecoverableError('Later.', { retryDelay: Number.NaN });
    });
    await core.bus.dispatch(new Task(1));

    await core.drain();

    expect(await core.async.messageCount()).toMatchObject({ ready: 0, delayed: 1 });
  });

  it('is not tried again when what failed is a message its handler dispatched, and that is hopeless', async () => {
    class Inner {}
    const core: ReturnType<typeof setup> = setup(() => undefined, {
      handlers: [
        handler('Outer', Task, () => core.bus.dispatch(new Inner())),
        handler('Inner', Inner, () => {
          throw new UnrecoverableError('Hopeless.');
        }),
      ],
      policies: {
        async: {
          retryStrategy: { isRetryable: () => true, waitingTime: () => 0 },
          failureTransport: 'failed',
        },
      },
    });
    await core.bus.dispatch(new Task(1));

    await core.drain();

    expect(core.failed.queue).toHaveLength(1);
  });

  it('is not taken for one of the failure transport because of a stamp that anybody could have written', async () => {
    const core = setup(() => Promise.reject(new Error('No.')));
    await core.async.send([new Envelope(new Task(1), [new SentToFailureTransportStamp('elsewhere')])]);

    await core.drain();

    expect(core.failed.queue).toHaveLength(1);
    expect(await core.async.messageCount()).toMatchObject({ ready: 0, delayed: 0 });
  });
});
