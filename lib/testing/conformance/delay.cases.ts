import assert from 'node:assert/strict';
import { DelayStamp } from '../../stamp/delay.stamp.js';
import type { CaseDefinition } from './case-definition.js';
import { contentOf, contentsOf, message } from './trial.js';

const DELAY_MS = 300;

/** What a `DelayStamp` does. */
export const DELAY_CASES: readonly CaseDefinition[] = [
  {
    name: 'hands out a delayed message when its time has come and never before',
    needs: ['delay'],
    async run(trial) {
      const start = performance.now();
      await trial.transport.send([message('later', new DelayStamp(DELAY_MS)), message('now')]);
      assert.deepEqual(contentsOf(await trial.receive(1)), ['now']);
      assert.equal(contentOf(await trial.receiveDelayed(DELAY_MS, start)), 'later');
    },
  },
  {
    name: 'wakes a waiting fetch for a delayed message on time and never before',
    needs: ['delay', 'wakeUp'],
    async run(trial) {
      const start = performance.now();
      const arrival = trial.transport
        .get({ wait: 60_000 })
        .then((received) => ({ received, at: performance.now() }));
      await trial.transport.send([message('later', new DelayStamp(DELAY_MS))]);
      await trial.pass(DELAY_MS);
      const { received, at } = await trial.promptly(arrival, 'the delayed message');
      assert.deepEqual(contentsOf(received), ['later']);
      // The clocks of the two sides are read in whole milliseconds.
      assert.ok(trial.movesTime || at - start >= DELAY_MS - 1, `It came after ${at - start} ms.`);
    },
  },
  {
    name: 'hands out delayed messages in the order in which they fall due',
    needs: ['delay', 'ordering'],
    async run(trial) {
      await trial.transport.send(
        [300, 100, 200, 0].map((delay) => message(`after ${delay}`, new DelayStamp(delay))),
      );
      await trial.pass(301);
      assert.deepEqual(contentsOf(await trial.receive(4)), [
        'after 0',
        'after 100',
        'after 200',
        'after 300',
      ]);
    },
  },
  {
    name: 'does not hold back a message whose delay is zero',
    needs: ['delay'],
    async run(trial) {
      await trial.transport.send([message('now', new DelayStamp(0))]);
      assert.deepEqual(contentsOf(await trial.promptly(trial.receive(1), 'the message')), ['now']);
    },
  },
];
