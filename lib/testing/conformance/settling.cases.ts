import assert from 'node:assert/strict';
import { HandledStamp } from '../../stamp/handled.stamp.js';
import type { CaseDefinition } from './case-definition.js';
import { contentsOf, sorted } from './trial.js';

/** What becomes of messages that are settled while their consumer holds them. */
export const SETTLING_CASES: readonly CaseDefinition[] = [
  ...(['ack', 'reject'] as const).map((settle): CaseDefinition => ({
    name: `removes a message on ${settle}`,
    lease: 'short',
    async run(trial) {
      await trial.send('a');
      const settled = await trial.transport[settle]([await trial.receiveOne()]);
      assert.deepEqual(settled?.lost ?? [], []);
      await trial.passLease();
      await trial.receiveNothing(await trial.second());
    },
  })),
  {
    name: 'settles several messages at once, in any order, and leaves the others alone',
    needs: ['redelivery'],
    lease: 'short',
    async run(trial) {
      await trial.send('a', 'b', 'c', 'd', 'e');
      const held = new Map((await trial.receive(5)).map((envelope) => [contentsOf([envelope])[0], envelope]));
      const pick = (...contents: readonly string[]) => contents.flatMap((content) => held.get(content) ?? []);
      await Promise.all([trial.transport.ack(pick('d', 'a')), trial.transport.reject(pick('c'))]);
      await trial.passLease();
      assert.deepEqual(sorted(contentsOf(await trial.receive(2))), ['b', 'e']);
    },
  },
  {
    name: 'settles each of many messages that are settled at the same time',
    async run(trial) {
      await trial.send(...Array.from({ length: 20 }, (_, index) => `message ${index}`));
      const received = await trial.receive(20);
      const settled = await Promise.all(
        received.map((envelope, index) => trial.transport[index % 2 === 0 ? 'ack' : 'reject']([envelope])),
      );
      assert.deepEqual(
        settled.flatMap((result) => result?.lost ?? []),
        [],
      );
      await trial.receiveNothing();
    },
  },
  {
    name: 'settles an envelope that has gained stamps on its way through the handlers',
    async run(trial) {
      await trial.send('a');
      const handled = (await trial.receiveOne()).with(new HandledStamp('done', 'handler'));
      const settled = await trial.transport.ack([handled]);
      assert.deepEqual(settled?.lost ?? [], []);
      await trial.receiveNothing();
    },
  },
  {
    name: 'takes no harm from a message that is settled twice',
    async run(trial) {
      await trial.send('a', 'b');
      const [first, second] = await trial.receive(2);
      assert.ok(first && second);
      await trial.transport.ack([first]);
      await trial.transport.ack([first, second]);
      await trial.transport.reject([second]);
      await trial.send('c');
      assert.deepEqual(contentsOf(await trial.receive(1)), ['c']);
    },
  },
];
