import assert from 'node:assert/strict';
import { Envelope } from '../../envelope/envelope.js';
import { DelayStamp } from '../../stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { RedeliveryStamp } from '../../stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../../stamp/sent-to-failure-transport.stamp.js';
import { isRequeueable, type Requeueable } from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';
import type { CaseDefinition } from './case-definition.js';
import { UnencodableMessage } from './conformance-message.js';
import { contentOf, contentsOf, message, sorted } from './trial.js';

const DELAY_MS = 300;

const retried = (envelope: Envelope): Envelope => envelope.with(new RedeliveryStamp(1, new Date(0)));

/** How a message and the copy that takes its place are exchanged in one step. */
export const REQUEUE_CASES: readonly CaseDefinition[] = [
  {
    name: 'accepts itself as the place for a copy, and nothing that it does not know',
    needs: ['requeue'],
    async run({ transport }) {
      assert.equal(requeueable(transport).canRequeueTo(transport), true);
      assert.equal(requeueable(transport).canRequeueTo({ send: async () => [] }), false);
    },
  },
  {
    name: 'replaces a message by its copy',
    needs: ['requeue'],
    lease: 'short',
    async run(trial) {
      await trial.send('a');
      const received = await trial.receiveOne();
      const settled = await requeueable(trial.transport).requeue([
        { received, copy: retried(received), to: trial.transport },
      ]);
      assert.deepEqual(settled?.lost ?? [], []);
      const copy = await trial.receiveOne();
      assert.equal(contentOf(copy), 'a');
      assert.equal(copy.last(RedeliveryStamp)?.retryCount, 1);
      assert.equal(copy.has(RedeliveredStamp), false);
      await trial.transport.ack([copy]);
      await trial.passLease();
      await trial.receiveNothing();
    },
  },
  {
    name: 'holds a requeued copy back for its delay',
    needs: ['requeue', 'delay'],
    async run(trial) {
      await trial.send('a');
      const received = await trial.receiveOne();
      const copy = retried(received).with(new DelayStamp(DELAY_MS));
      const start = performance.now();
      await requeueable(trial.transport).requeue([{ received, copy, to: trial.transport }]);
      assert.equal(contentOf(await trial.receiveDelayed(DELAY_MS, start)), 'a');
    },
  },
  {
    name: 'requeues several messages at once',
    needs: ['requeue'],
    async run(trial) {
      const { transport } = trial;
      await trial.send('a', 'b', 'c');
      const received = await trial.receive(3);
      const items = received.map((envelope) => ({
        received: envelope,
        copy: retried(envelope),
        to: transport,
      }));
      await Promise.all([
        requeueable(transport).requeue(items.slice(0, 2)),
        requeueable(transport).requeue(items.slice(2)),
        requeueable(transport).requeue([]),
      ]);
      const copies = await trial.receive(3);
      assert.deepEqual(sorted(contentsOf(copies)), ['a', 'b', 'c']);
      assert.ok(copies.every((copy) => copy.has(RedeliveryStamp)));
    },
  },
  {
    name: 'moves a message to another queue of its broker',
    needs: ['requeue', 'requeueElsewhere'],
    lease: 'short',
    async run(trial) {
      const other = await trial.other();
      await trial.send('a');
      const received = await trial.receiveOne();
      assert.equal(requeueable(trial.transport).canRequeueTo(other), true);
      const copy = received.with(new SentToFailureTransportStamp('async'));
      await requeueable(trial.transport).requeue([{ received, copy, to: other }]);
      const moved = await trial.receiveOne(other);
      assert.equal(contentOf(moved), 'a');
      assert.equal(moved.last(SentToFailureTransportStamp)?.originalReceiverName, 'async');
      assert.deepEqual((await other.ack([moved]))?.lost ?? [], []);
      await trial.passLease();
      await trial.receiveNothing();
    },
  },
  {
    name: 'stores no copy of a message that is lost, and reports it',
    needs: ['requeue', 'redelivery', 'lostReport'],
    lease: 'short',
    async run(trial) {
      const second = await trial.second();
      await trial.send('a');
      const stale = await trial.receiveOne();
      await trial.passLease();
      const held = await trial.receiveOne(second);
      const settled = await requeueable(trial.transport).requeue([
        { received: stale, copy: retried(stale), to: trial.transport },
      ]);
      assert.deepEqual(settled?.lost, [stale]);
      assert.deepEqual((await second.ack([held]))?.lost ?? [], []);
      await trial.receiveNothing();
    },
  },
  {
    name: 'leaves a message with its consumer if its copy cannot be encoded',
    needs: ['requeue', 'encoding'],
    async run(trial) {
      const { transport } = trial;
      await trial.transport.send([message('a')]);
      const received = await trial.receiveOne();
      const copy = new Envelope<object>(new UnencodableMessage());
      await assert.rejects(requeueable(transport).requeue([{ received, copy, to: transport }]));
      await trial.receiveNothing();
      assert.deepEqual((await transport.ack([received]))?.lost ?? [], []);
    },
  },
];

function requeueable(transport: Transport): Requeueable {
  assert.ok(isRequeueable(transport), 'Expected the methods of "Requeueable".');
  return transport;
}
