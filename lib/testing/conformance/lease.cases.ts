import assert from 'node:assert/strict';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { isCloseable, isKeepaliveAware, type KeepaliveAware } from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';
import type { CaseDefinition } from './case-definition.js';
import { contentOf, type Trial } from './trial.js';

/** What becomes of messages whose consumer is slow, hangs or dies. */
export const LEASE_CASES: readonly CaseDefinition[] = [
  {
    name: 'hands a message that is not settled to another consumer once its lease is over, marked as redelivered',
    needs: ['redelivery'],
    lease: 'short',
    async run(trial) {
      const second = await trial.second();
      await trial.send('a');
      await trial.receiveOne();
      assert.deepEqual(await second.get(), []);
      await trial.passLease();
      const redelivered = await trial.receiveOne(second);
      assert.equal(contentOf(redelivered), 'a');
      assert.ok((redelivered.last(RedeliveredStamp)?.deliveryCount ?? 0) >= 2);
    },
  },
  {
    name: 'counts the deliveries of a message',
    needs: ['redelivery', 'redeliveryCount'],
    lease: 'short',
    async run(trial) {
      await trial.send('a');
      const counts: Array<number | undefined> = [];
      for (let delivery = 1; delivery <= 3; delivery++) {
        counts.push((await trial.receiveOne()).last(RedeliveredStamp)?.deliveryCount);
        await trial.passLease();
      }
      assert.deepEqual(counts, [undefined, 2, 3]);
    },
  },
  ...(['ack', 'reject'] as const).map((settle): CaseDefinition => ({
    name: `reports a late ${settle} as lost, and does not take the message from its new consumer`,
    needs: ['redelivery', 'lostReport'],
    lease: 'short',
    async run(trial) {
      const { second, stale } = await loseMessage(trial);
      const late = await trial.transport[settle]([stale]);
      assert.deepEqual(late?.lost, [stale]);
      await trial.passLease();
      const settled = await second.ack([await trial.receiveOne(second)]);
      assert.deepEqual(settled?.lost ?? [], []);
    },
  })),
  {
    name: 'reports as lost only what is lost',
    needs: ['redelivery', 'lostReport'],
    lease: 'short',
    async run(trial) {
      const { stale } = await loseMessage(trial);
      await trial.send('b');
      const held = await trial.receiveOne();
      const settled = await trial.transport.ack([stale, held]);
      assert.deepEqual(settled?.lost, [stale]);
    },
  },
  {
    name: 'lasts as long with a lease as it was told to',
    needs: ['keepalive'],
    async run(trial) {
      const { leaseDuration } = keepaliveAware(trial.transport);
      assert.ok(
        Math.abs(leaseDuration - trial.context.leaseDuration) < 1,
        `Its lease lasts ${leaseDuration} ms.`,
      );
    },
  },
  {
    name: 'leaves a message with a consumer that shows signs of life',
    needs: ['redelivery', 'keepalive'],
    lease: 'short',
    async run(trial) {
      const second = await trial.second();
      await trial.send('a');
      const held = await trial.receiveOne();
      for (let step = 0; step < 6; step++) {
        await trial.pass(trial.context.leaseDuration / 3);
        assert.deepEqual(await keepaliveAware(trial.transport).keepalive([held]), []);
        assert.deepEqual(await second.get(), []);
      }
      const settled = await trial.transport.ack([held]);
      assert.deepEqual(settled?.lost ?? [], []);
    },
  },
  {
    name: 'tells a consumer that shows a sign of life too late that the message is lost',
    needs: ['redelivery', 'keepalive'],
    lease: 'short',
    async run(trial) {
      const { stale } = await loseMessage(trial);
      assert.deepEqual(await keepaliveAware(trial.transport).keepalive([stale]), [stale]);
      assert.deepEqual(await keepaliveAware(trial.transport).keepalive([]), []);
    },
  },
  {
    name: 'hands on what a consumer held when it closed',
    needs: ['secondConsumer', 'close'],
    lease: 'short',
    async run(trial) {
      const second = await trial.second();
      await trial.send('a');
      await trial.receiveOne(second);
      assert.ok(isCloseable(second));
      await second.close();
      await trial.passLease();
      assert.equal(contentOf(await trial.receiveOne()), 'a');
    },
  },
];

/** Lets a message go to a second consumer, because the first did not settle it. */
async function loseMessage(trial: Trial) {
  const second = await trial.second();
  await trial.send('a');
  const stale = await trial.receiveOne();
  await trial.passLease();
  return { second, stale, redelivered: await trial.receiveOne(second) };
}

function keepaliveAware(transport: Transport): KeepaliveAware {
  assert.ok(isKeepaliveAware(transport), 'Expected the methods of "KeepaliveAware".');
  return transport;
}
