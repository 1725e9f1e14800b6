import assert from 'node:assert/strict';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { isReleasable, type Releasable } from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';
import type { CaseDefinition } from './case-definition.js';
import { contentOf, contentsOf, sorted } from './trial.js';

const DELAY_MS = 300;

/** What a consumer that stops may rely on. */
export const RELEASE_CASES: readonly CaseDefinition[] = [
  {
    name: 'makes released messages available to others at once',
    needs: ['release'],
    async run(trial) {
      const second = await trial.second();
      await trial.send('a', 'b');
      const settled = await releasable(trial.transport).release(await trial.receive(2));
      assert.deepEqual(settled?.lost ?? [], []);
      const received = await trial.promptly(trial.receive(2, second), 'the released messages');
      assert.deepEqual(sorted(contentsOf(received)), ['a', 'b']);
    },
  },
  {
    name: 'gives released messages their old place in the order',
    needs: ['release', 'releaseOrder', 'ordering'],
    async run(trial) {
      await trial.send('a', 'b', 'c');
      await trial.send('d');
      const [a, b, c] = await trial.receive(3);
      assert.ok(a && b && c);
      await releasable(trial.transport).release([c, a]);
      await releasable(trial.transport).release([b]);
      assert.deepEqual(contentsOf(await trial.receive(4)), ['a', 'b', 'c', 'd']);
    },
  },
  {
    name: 'does not count a release as a delivery',
    needs: ['release', 'releaseUncounted'],
    async run(trial) {
      await trial.send('a');
      await releasable(trial.transport).release([await trial.receiveOne()]);
      assert.equal((await trial.receiveOne()).has(RedeliveredStamp), false);
    },
  },
  {
    name: 'holds a message back that is released with a delay',
    needs: ['release', 'delay'],
    async run(trial) {
      await trial.send('a');
      const held = await trial.receiveOne();
      const start = performance.now();
      await releasable(trial.transport).release([held], { delay: DELAY_MS });
      assert.equal(contentOf(await trial.receiveDelayed(DELAY_MS, start)), 'a');
    },
  },
  {
    name: 'wakes a waiting fetch for a released message',
    needs: ['release', 'wakeUp'],
    async run(trial) {
      await trial.send('a');
      const held = await trial.receiveOne();
      const fetch = (await trial.second()).get({ wait: 60_000 });
      await trial.letWait();
      await releasable(trial.transport).release([held]);
      assert.deepEqual(contentsOf(await trial.promptly(fetch, 'the released message')), ['a']);
    },
  },
  {
    name: 'reports a late release as lost, and does not take the message from its new consumer',
    needs: ['release', 'redelivery', 'lostReport'],
    lease: 'short',
    async run(trial) {
      const second = await trial.second();
      await trial.send('a');
      const stale = await trial.receiveOne();
      await trial.passLease();
      const held = await trial.receiveOne(second);
      assert.deepEqual((await releasable(trial.transport).release([stale]))?.lost, [stale]);
      assert.deepEqual((await second.ack([held]))?.lost ?? [], []);
      await trial.receiveNothing();
    },
  },
  {
    name: 'does nothing for an empty list of messages to release',
    needs: ['release'],
    async run(trial) {
      assert.deepEqual((await releasable(trial.transport).release([]))?.lost ?? [], []);
    },
  },
];

function releasable(transport: Transport): Releasable {
  assert.ok(isReleasable(transport), 'Expected the method of "Releasable".');
  return transport;
}
