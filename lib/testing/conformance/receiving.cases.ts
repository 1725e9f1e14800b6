import assert from 'node:assert/strict';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import type { CaseDefinition } from './case-definition.js';
import { contentsOf, sorted } from './trial.js';

/** What a consumer may rely on when it fetches. */
export const RECEIVING_CASES: readonly CaseDefinition[] = [
  {
    name: 'hands out messages in the order in which they were sent',
    needs: ['ordering'],
    async run(trial) {
      await trial.send('a', 'b', 'c');
      await trial.send('d');
      await trial.send('e', 'f');
      const received = [
        ...(await trial.receive(2)),
        ...(await trial.receive(1)),
        ...(await trial.receive(3)),
      ];
      assert.deepEqual(contentsOf(received), ['a', 'b', 'c', 'd', 'e', 'f']);
    },
  },
  {
    name: 'hands out one message to a fetch that does not say how many',
    async run(trial) {
      await trial.send('a', 'b', 'c');
      await trial.eventually(async () => {
        const received = await trial.transport.get();
        assert.equal(received.length, 1);
      });
    },
  },
  {
    name: 'never hands out more than was asked for',
    async run(trial) {
      await trial.send('a', 'b', 'c', 'd', 'e');
      const batches: number[] = [];
      await trial.eventually(async () => {
        const batch = await trial.transport.get({ max: 2 });
        batches.push(batch.length);
        assert.ok(
          batches.reduce((sum, length) => sum + length) >= 5,
          `Got batches of ${batches.join(', ')}.`,
        );
      });
      assert.ok(Math.max(...batches) <= 2, `Got batches of ${batches.join(', ')}.`);
    },
  },
  {
    name: 'answers at once with nothing if there is nothing and nobody waits',
    async run(trial) {
      assert.deepEqual(await trial.promptly(trial.transport.get(), 'an answer'), []);
      assert.deepEqual(await trial.promptly(trial.transport.get({ max: 50, wait: 0 }), 'an answer'), []);
    },
  },
  {
    name: 'does not mark the first delivery of a message as a redelivery',
    async run(trial) {
      await trial.send('a');
      assert.equal((await trial.receiveOne()).has(RedeliveredStamp), false);
    },
  },
  {
    name: 'hands each message to one consumer at a time',
    async run(trial) {
      const second = await trial.second();
      await trial.send('a', 'b');
      const first = await trial.receiveOne();
      assert.deepEqual(sorted(contentsOf([first, await trial.receiveOne(second)])), ['a', 'b']);
      await trial.receiveNothing();
      await trial.receiveNothing(second);
    },
  },
  {
    name: 'hands each message to one of many fetches made at the same time',
    async run(trial) {
      const second = await trial.second();
      const contents = Array.from({ length: 20 }, (_, index) => `message ${index}`);
      await trial.send(...contents);
      const fetches = Array.from({ length: 20 }, (_, index) =>
        trial.receiveOne(index % 2 === 0 ? trial.transport : second),
      );
      assert.deepEqual(sorted(contentsOf(await Promise.all(fetches))), sorted(contents));
    },
  },
  {
    name: 'claims nothing for a fetch that is aborted already',
    async run(trial) {
      await trial.send('a');
      const signal = AbortSignal.abort();
      assert.deepEqual(await trial.promptly(trial.transport.get({ wait: 60_000, signal }), 'an answer'), []);
      assert.deepEqual(contentsOf(await trial.receive(1)), ['a']);
    },
  },
];
