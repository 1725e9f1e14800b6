import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import { MessageRefusedError } from '../../../lib/errors/message-refused.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, deferred, handler } from '../../fixtures/core.js';

class Paid {
  constructor(readonly id: number) {}
}

/** Does what a test tells it to before it takes anything. */
class ScriptedTarget extends InMemoryTransport {
  readonly calls: number[][] = [];
  before: (envelopes: readonly Envelope[]) => unknown = () => undefined;

  override async send(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    this.calls.push(envelopes.map(({ message }) => (message as Paid).id));
    await this.before(envelopes);
    return super.send(envelopes);
  }
}

const LEASE_S = 10;

function setup() {
  const clock = new FakeClock();
  const async = new ScriptedTarget({ clock });
  const failed = new InMemoryTransport({ clock });
  const db = new InMemoryTransport({ clock, transportName: 'db', redeliverTimeout: LEASE_S });
  const queue = db.outboxOf('async', undefined as never);
  const handled: number[] = [];
  const core = createCore({
    clock,
    routes: [[Paid, 'async']],
    handlers: [handler<Paid>('P', Paid, ({ id }) => void handled.push(id))],
    transports: { async, db, failed },
    outboxes: [{ targetName: 'async', storeName: 'db', queue }],
    policies: { async: { failureTransport: 'failed' } },
  });
  /** A worker on `db`, which has no messages itself, so that only the relay works. It is stopped after the test. */
  const startRelay = () => {
    const worker = core.workers.create(['db'], { grace: 1000 });
    const result = worker.run();
    onTestFinished(async () => {
      worker.stop('the test is over');
      await result;
    });
    return worker;
  };
  const forwarded = (): number[] => async.sent.map(({ message }) => (message as Paid).id);
  return { ...core, clock, async, failed, db, queue, handled, startRelay, forwarded };
}

const eventually = (assertion: () => unknown): Promise<unknown> =>
  vi.waitFor(assertion, { timeout: 15_000, interval: 2 });

/** Moves time on until the condition is met. */
async function until(clock: FakeClock, isMet: () => boolean): Promise<void> {
  await eventually(async () => {
    await clock.advance(100);
    expect(isMet()).toBe(true);
  });
}

const down = () => new TransportError('async', 'it cannot be reached.');

describe('the relay of an outbox', () => {
  it.each([['async'], ['db']])('runs in a worker that consumes "%s"', async (receiver) => {
    const { bus, workers, queue, forwarded, handled } = setup();
    const ids = Array.from({ length: 450 }, (_, id) => id);
    await bus.dispatchAll(ids.map((id) => new Paid(id)));

    const worker = workers.create([receiver], { stopWhenIdle: true });
    const { processed } = await worker.run();

    expect(forwarded()).toEqual(ids);
    expect(queue.queue).toEqual([]);
    expect([processed, handled.length]).toEqual(receiver === 'async' ? [450, 450] : [0, 0]);
  });

  it('does not run in one that consumes neither', async () => {
    const { bus, workers, queue } = setup();
    await bus.dispatch(new Paid(1));

    await workers.create(['failed'], { stopWhenIdle: true }).run();

    expect(queue.queue).toHaveLength(1);
  });

  it('forwards under the same id, with the rest of the delay', async () => {
    const { bus, clock, async, startRelay } = setup();
    const { last } = await bus
      .dispatch(new Paid(1), [new DelayStamp(5000)])
      .then((envelope) => ({ last: envelope.last(MessageIdStamp)?.id }));
    await clock.advance(2000);

    startRelay();
    await eventually(() => expect(async.sent).toHaveLength(1));

    expect(async.sent[0]?.last(MessageIdStamp)?.id).toBe(last);
    expect(async.sent[0]?.last(DelayStamp)?.delay).toBe(3000);
  });

  it('is woken by a message that is stored while it waits', async () => {
    const { bus, forwarded, startRelay } = setup();
    startRelay();
    await new Promise((resolve) => setImmediate(resolve));

    await bus.dispatch(new Paid(1));

    await eventually(() => expect(forwarded()).toEqual([1]));
  });

  it('takes messages off only when the target has confirmed them', async () => {
    const { bus, async, queue, startRelay } = setup();
    const confirmed = deferred();
    async.before = () => confirmed.promise;
    await bus.dispatch(new Paid(1));

    startRelay();
    await eventually(() => expect(async.calls).toEqual([[1]]));
    expect(await queue.messageCount()).toMatchObject({ ready: 0, inFlight: 1, delayed: 0 });
    confirmed.resolve();

    await eventually(() => expect(queue.queue).toEqual([]));
    expect(queue.acknowledged).toHaveLength(1);
  });

  it('keeps the order while the target is down, says so once and every 30 s, and goes on', async () => {
    const { bus, clock, async, logger, forwarded, startRelay } = setup();
    let isDown = true;
    async.before = () => (isDown ? Promise.reject(down()) : undefined);
    await bus.dispatchAll([new Paid(1), new Paid(2), new Paid(3)]);

    startRelay();
    await until(clock, () => async.calls.length > 5);
    const text =
      'The outbox of transport "async" in "db" cannot be forwarded: transport "async" does not take its messages. They wait, in ' +
      'order, and are tried again until it does.';
    expect(logger.texts('error')).toEqual([text]);
    await clock.advance(31_000);
    await until(clock, () => logger.texts('error').length > 1);
    expect(logger.texts('error')).toEqual([text, text]);
    await bus.dispatch(new Paid(4));
    isDown = false;
    await until(clock, () => forwarded().length === 4);

    expect(forwarded()).toEqual([1, 2, 3, 4]);
    expect(logger.texts('info')).toContain(
      'The outbox of transport "async" in "db" is forwarded again: transport "async" takes messages.',
    );
  });

  it.each([
    new MessageEncodingFailedError('Paid', 'it is too large.'),
    new MessageRefusedError('async', 'it has no route.'),
  ])('passes on the rest when the target refuses a message for good ($code)', async (refusal) => {
    const { bus, async, failed, queue, forwarded, logger, startRelay } = setup();
    async.before = (envelopes) => {
      if (envelopes.some(({ message }) => (message as Paid).id === 2)) {
        throw refusal;
      }
    };
    await bus.dispatchAll([new Paid(1), new Paid(2), new Paid(3)]);

    startRelay();
    await eventually(() => expect(queue.queue).toEqual([]));

    expect(forwarded()).toEqual([1, 3]);
    expect(failed.queue.map(({ message }) => (message as Paid).id)).toEqual([2]);
    expect(failed.queue[0]?.last(SentToFailureTransportStamp)?.originalReceiverName).toBe('async');
    expect(failed.queue[0]?.last(ErrorDetailsStamp)?.errorMessage).toBe(
      `Transport "async" will never take this message from its outbox: ${refusal.message}`,
    );
    expect(logger.texts('error').join()).toContain('It is now in failure transport "failed".');
  });

  it('gives back what it has not sent when its worker stops, and finishes what it has', async () => {
    const { bus, async, queue, startRelay } = setup();
    const confirmed = deferred();
    async.before = () => confirmed.promise;
    await bus.dispatchAll(Array.from({ length: 201 }, (_, id) => new Paid(id)));
    const worker = startRelay();
    await eventually(() => expect(async.calls).toHaveLength(1));

    worker.stop('enough');
    confirmed.resolve();
    await worker.run();

    expect(async.sent).toHaveLength(200);
    expect(await queue.messageCount()).toMatchObject({ ready: 1, inFlight: 0, delayed: 0 });
  });

  it('is left behind when the target does not answer within the grace period', async () => {
    const { bus, async, logger, workers } = setup();
    async.before = () => new Promise(() => undefined);
    await bus.dispatch(new Paid(1));
    const worker = workers.create(['db'], { grace: 20 });
    const result = worker.run();
    await eventually(() => expect(async.calls).toHaveLength(1));

    worker.stop('enough');
    await result;

    expect(logger.texts('error')).toEqual([
      'The outbox of transport "async" in "db" did not finish forwarding within 20 ms; what it has sent may be sent again.',
    ]);
  });

  it('tries again to take off what was forwarded, rather than to forward it twice', async () => {
    const { bus, clock, queue, forwarded, startRelay } = setup();
    const ack = queue.ack.bind(queue);
    let failures = 3;
    queue.ack = (envelopes) => (failures-- > 0 ? Promise.reject(down()) : ack(envelopes));
    await bus.dispatch(new Paid(1));

    startRelay();
    await until(clock, () => queue.queue.length === 0);

    expect(forwarded()).toEqual([1]);
  });

  it('pauses while the outbox cannot be read', async () => {
    const { bus, clock, queue, logger, forwarded, startRelay } = setup();
    const get = queue.get.bind(queue);
    let failures = 3;
    queue.get = (options) => (failures-- > 0 ? Promise.reject(down()) : get(options));
    await bus.dispatch(new Paid(1));

    startRelay();
    await until(clock, () => forwarded().length === 1);

    expect(logger.texts('error')).toEqual([
      'The outbox of transport "async" in "db" cannot be read; trying again until it can.',
    ]);
  });
});

describe('two relays of one outbox', () => {
  it('never forward at the same time, and keep the order', async () => {
    const { bus, async, forwarded, startRelay } = setup();
    let running = 0;
    let most = 0;
    async.before = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    [1, 2, 3].forEach(() => startRelay());
    const ids = Array.from({ length: 1000 }, (_, id) => id);

    for (const id of ids) {
      await bus.dispatch(new Paid(id));
    }
    await eventually(() => expect(forwarded()).toHaveLength(ids.length));

    expect(forwarded()).toEqual(ids);
    expect(most).toBe(1);
  });

  it('do not overtake each other when one is held up beyond its lease: it has lost the claim and sends nothing', async () => {
    const { bus, clock, queue, logger, forwarded, startRelay } = setup();
    const claimed = deferred();
    const woken = deferred();
    const get = queue.get.bind(queue);
    // The first relay is stopped between the claim and what follows; its timers do not fire either.
    queue.get = async (options) => {
      queue.get = get;
      const envelopes = await get(options);
      claimed.resolve();
      await woken.promise;
      return envelopes;
    };
    await bus.dispatchAll([new Paid(1), new Paid(2)]);
    startRelay();
    await claimed.promise;
    await bus.dispatch(new Paid(3));

    await clock.advance(LEASE_S * 1000 + 1);
    startRelay();
    await eventually(() => expect(forwarded()).toEqual([1, 2, 3]));
    woken.resolve();
    await eventually(() =>
      expect(logger.texts('warn')).toEqual([
        'The outbox of transport "async" in "db" was taken over by another relay, since this one was held up.',
      ]),
    );

    await bus.dispatch(new Paid(4));
    await eventually(() => expect(forwarded()).toEqual([1, 2, 3, 4]));
  });

  it('settle nothing that they have lost while they sent it', async () => {
    const { bus, clock, async, queue, forwarded, startRelay } = setup();
    const woken = deferred();
    async.before = () => {
      async.before = () => undefined;
      return woken.promise;
    };
    await bus.dispatchAll([new Paid(1), new Paid(2)]);
    startRelay();
    await eventually(() => expect(async.calls).toEqual([[1, 2]]));

    await clock.advance(LEASE_S * 1000 + 1);
    // The next one has the messages, and is about to send them.
    const [first] = await queue.get({ max: 2 });
    woken.resolve();
    await eventually(() => expect(forwarded()).toEqual([1, 2]));

    expect(await queue.messageCount()).toMatchObject({ inFlight: 2 });
    expect(first).toBeInstanceOf(Envelope);
  });
});
