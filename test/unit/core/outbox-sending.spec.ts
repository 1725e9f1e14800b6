import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { OutboxStamp } from '../../../lib/stamp/outbox.stamp.js';
import { SentStamp } from '../../../lib/stamp/sent.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { intoOutbox, outOfOutbox } from '../../../lib/transport/outbox-envelope.js';
import { createCore } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';
import { FakeTransaction, TransactionalTransport } from '../../fixtures/transactional-transport.js';

class Paid {
  constructor(readonly id = 1) {}
}

function setup() {
  const async = new RecordingTransport();
  const plain = new RecordingTransport();
  const queue = new TransactionalTransport();
  const clock = new FakeClock(1_000_000);
  const core = createCore({
    clock,
    routes: [[Paid, 'async']],
    transports: { async, plain, db: new TransactionalTransport() },
    outboxes: [{ targetName: 'async', storeName: 'db', queue }],
  });
  return { ...core, clock, async, plain, queue, tx: new FakeTransaction() };
}

describe('a message for a transport with an outbox', () => {
  it('is stored in the outbox, with the id it will keep, and not sent', async () => {
    const { bus, async, queue } = setup();

    const envelope = await bus.dispatch(new Paid());

    const [stored] = queue.sent;
    expect(async.calls).toEqual([]);
    expect(stored?.last(OutboxStamp)).toEqual(new OutboxStamp('db'));
    expect(stored?.last(MessageIdStamp)?.id).toBe(envelope.last(MessageIdStamp)?.id);
    expect(envelope.last(SentStamp)?.transportName).toBe('async');
    expect(envelope.last(OutboxStamp)?.transportName).toBe('db');
    // The outbox gave one, but it is not that of the message in its transport.
    expect(envelope.has(TransportMessageIdStamp)).toBe(false);
  });

  it('is stored in the transaction, if there is one', async () => {
    const { bus, messenger, async, queue, tx } = setup();

    await messenger.inTransaction(tx, () => bus.dispatchAll([new Paid(1), new Paid(2)]));

    expect(tx.stored.map(({ message }) => (message as Paid).id)).toEqual([1, 2]);
    expect([...async.calls, ...queue.calls]).toEqual([]);
  });

  it('takes part in a transaction together with the transports that can', async () => {
    const { bus, messenger, plain, queue, tx } = setup();
    const send = (...names: readonly string[]) =>
      messenger.inTransaction(tx, () => bus.dispatch(new Paid(), [new TransportNamesStamp(names)]));

    await send('async', 'db');
    expect(tx.stored).toHaveLength(2);

    await expect(send('async', 'plain')).rejects.toMatchObject({ code: 'MESSENGER_NOT_TRANSACTIONAL' });
    expect(tx.stored).toHaveLength(2);
    expect([...plain.calls, ...queue.calls]).toEqual([]);
  });

  it('reaches its other transports without a trace of the outbox, and tells of it in the end', async () => {
    const { bus, plain } = setup();

    const envelope = await bus.dispatch(new Paid(), [new TransportNamesStamp(['async', 'plain'])]);

    expect(plain.sent[0]?.has(OutboxStamp)).toBe(false);
    expect(envelope.all(OutboxStamp)).toEqual([new OutboxStamp('db')]);
    expect(envelope.all(SentStamp).map(({ transportName }) => transportName)).toEqual(['async', 'plain']);
  });

  it('keeps its delay as the time at which it ends', async () => {
    const { bus, queue } = setup();

    const envelope = await bus.dispatch(new Paid(), [new DelayStamp(5000)]);

    expect(queue.sent[0]?.has(DelayStamp)).toBe(false);
    expect(queue.sent[0]?.last(OutboxStamp)?.dueAt).toBe(1_005_000);
    expect(envelope.last(DelayStamp)?.delay).toBe(5000);
  });
});

describe('a message on its way out of an outbox', () => {
  it.each([
    [1000, 4000],
    [4999, 1],
    [5000, undefined],
    [9000, undefined],
  ])('after %i ms waits for the rest of its delay of 5 s: %s', async (elapsed, rest) => {
    const { bus, queue } = setup();
    await bus.dispatch(new Paid(), [new DelayStamp(5000)]);
    const [stored] = queue.sent;

    const forwarded = outOfOutbox(stored ?? expect.fail(), 1_000_000 + elapsed);

    expect(forwarded.last(DelayStamp)?.delay).toBe(rest);
    expect(forwarded.has(OutboxStamp)).toBe(false);
  });

  it('is what it was before it was stored', async () => {
    const { bus, plain, queue } = setup();
    const direct = await bus.dispatch(new Paid(), [new TransportNamesStamp('plain')]);
    const [sent] = plain.sent;

    const forwarded = outOfOutbox(intoOutbox(sent ?? expect.fail(), 'db', 0), 0);

    expect(direct.message).toBe(forwarded.message);
    const travelling = sent?.all().filter((stamp) => !(stamp instanceof SentStamp));
    expect(forwarded.all()).toEqual(travelling);
    expect(queue.calls).toEqual([]);
  });
});
