import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { StopWorkerError } from '../../../lib/errors/stop-worker.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { UnknownOriginError } from '../../../lib/errors/unknown-origin.error.js';
import { UnknownTransportError } from '../../../lib/errors/unknown-transport.error.js';
import { WorkerMessageReceivedEvent } from '../../../lib/event/worker-message-received.event.js';
import { MultiplierRetryStrategy } from '../../../lib/retry/multiplier.retry-strategy.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, handler, rejectionOf } from '../../fixtures/core.js';

class Task {}

const retryStrategy = new MultiplierRetryStrategy({ maxRetries: 1, jitter: 0 });

/** An application in whose failure transport is one message; `call` is its handler. */
async function setup(call: () => unknown, async = new InMemoryTransport({ clock: new FakeClock() })) {
  const clock = async.clock as FakeClock;
  const failed = new InMemoryTransport({ transportName: 'failed', clock });
  const core = createCore({
    clock,
    transports: { async, failed },
    routes: [[Task, 'async']],
    handlers: [handler('fine', Task, () => 'done'), handler('H', Task, call)],
    policies: { async: { retryStrategy, failureTransport: 'failed' }, failed: { retryStrategy } },
  });
  const work = () => core.workers.create(['async'], { stopWhenIdle: true }).run();
  await core.bus.dispatch(new Task());
  await work();
  await clock.advance(1000);
  await work();
  const id = failed.queue[0]?.last(TransportMessageIdStamp)?.id ?? '';
  return { ...core, clock, async, failed, work, id };
}

const broken = (): never => {
  throw new RangeError('Broken.');
};

describe('a failed message that is sent back', () => {
  it('is like a new one to its transport, but for its id, its history and what was handled', async () => {
    const { failedMessages, failed, async, id, work, clock } = await setup(broken);
    const [before] = failed.queue;

    expect(await failedMessages.redispatch('failed', id)).toBe('async');

    expect(failed.queue).toEqual([]);
    const [sent] = async.queue;
    expect(sent?.last(MessageIdStamp)).toEqual(before?.last(MessageIdStamp));
    expect(sent?.all(ErrorDetailsStamp)).toHaveLength(2);
    expect(sent?.all(HandledStamp).map(({ handlerName }) => handlerName)).toEqual(['fine']);
    expect([SentToFailureTransportStamp, RedeliveryStamp].filter((type) => sent?.has(type))).toEqual([]);

    // With all its retries before it.
    await work();
    expect(async.queue).toHaveLength(1);
    await clock.advance(1000);
    await work();
    expect(failed.queue[0]?.all(ErrorDetailsStamp)).toHaveLength(4);
    expect(failed.queue[0]?.last(SentToFailureTransportStamp)?.originalReceiverName).toBe('async');
  });

  it('is not touched if somebody has it, or there is none', async () => {
    const { failedMessages, failed, id } = await setup(broken);

    await failed.get();

    expect(await failedMessages.redispatch('failed', id)).toBeUndefined();
    expect(await failedMessages.redispatch('failed', '99')).toBeUndefined();
    expect(failed.queue).toHaveLength(1);
  });

  it('stays, to be had at once, if it does not say where it failed, or that is no more', async () => {
    const { failedMessages, failed } = await setup(broken);
    failed.reset();
    await failed.send([
      new Envelope<object>(new Task()),
      new Envelope<object>(new Task(), [new SentToFailureTransportStamp('former')]),
    ]);
    const [unknown, former] = failed.queue.map(
      (envelope) => envelope.last(TransportMessageIdStamp)?.id ?? '',
    );

    const error = await rejectionOf(failedMessages.redispatch('failed', unknown ?? ''));
    expect(error).toBeInstanceOf(UnknownOriginError);
    expect(error.message).toBe(
      `Message "${unknown}" of transport "failed" does not say on which transport it failed, so it cannot be sent back there. ` +
        'Retry it where it is: without "--redispatch".',
    );
    await expect(failedMessages.redispatch('failed', former ?? '')).rejects.toThrow(UnknownTransportError);
    expect(await failed.messageCount()).toMatchObject({ ready: 2, inFlight: 0 });
  });

  it('stays, to be had at once, if its transport does not take it', async () => {
    let isFull = false;
    class FullTransport extends InMemoryTransport {
      override async send(envelopes: readonly Envelope[]) {
        if (isFull) {
          throw new TransportError('async', 'it is full.');
        }
        return super.send(envelopes);
      }
      override canRequeueTo = () => false;
    }
    const { failedMessages, failed, id } = await setup(broken, new FullTransport({ clock: new FakeClock() }));
    failed.canRequeueTo = () => false;
    isFull = true;

    await expect(failedMessages.redispatch('failed', id)).rejects.toThrow('it is full');
    expect(await failed.messageCount()).toMatchObject({ ready: 1, inFlight: 0 });

    isFull = false;
    expect(await failedMessages.redispatch('failed', id)).toBe('async');
    expect(failed.queue).toEqual([]);
  });
});

describe('a failed message that is retried by hand', () => {
  it('tells that its handler asked for an end', async () => {
    const { retrier, id } = await setup(() => {
      throw new StopWorkerError('the disk is full');
    });

    expect(await retrier.retry('failed', id)).toMatchObject({
      outcome: 'failed',
      stopReason: 'the disk is full',
    });
  });

  it('is not taken for handled if a listener does not want it to be', async () => {
    const { retrier, events, failed, id } = await setup(broken);
    events.on(WorkerMessageReceivedEvent, (event) => event.skip());

    expect(await retrier.retry('failed', id)).toEqual({ outcome: 'skipped' });
    expect(failed.queue).toHaveLength(1);
  });

  it('shows signs of life as often as was asked for', async () => {
    let finish: (() => void) | undefined;
    let calls = 0;
    const { retrier, failed, id } = await setup(() => {
      calls += 1;
      return calls > 2 ? new Promise<void>((resolve) => (finish = resolve)) : broken();
    });
    const signs = new Promise<void>((resolve) => {
      failed.keepalive = async () => {
        resolve();
        return [];
      };
    });

    const retry = retrier.retry('failed', id, { keepalive: 5 });
    await signs;
    finish?.();

    expect(await retry).toEqual({ outcome: 'handled' });
  });
});
