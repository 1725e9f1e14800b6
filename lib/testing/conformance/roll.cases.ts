import assert from 'node:assert/strict';
import { isPingable, isRollKeeper, type WorkerRoll } from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';
import type { CaseDefinition } from './case-definition.js';

/** Longer than a case lasts, in milliseconds. */
const LASTING_MS = 60_000;

/** What the details of a worker may hold: JSON with any text in it. */
const DETAILS = JSON.stringify({ text: 'ä "quoted"\n\\ 東京 %s', list: [1, null] });

/** How workers know of each other, and whether the broker is there. */
export const ROLL_CASES: readonly CaseDefinition[] = [
  {
    name: 'shows every process which workers there are, and what each said last',
    needs: ['roll'],
    async run(trial) {
      const roll = rollOf(trial.transport);
      const elsewhere = rollOf(await trial.second());
      const [first, second] = idsOf(trial.context.queueName);
      await roll.enter(first, 'begins', LASTING_MS);
      await elsewhere.enter(second, DETAILS, LASTING_MS);
      await roll.enter(first, 'goes on', LASTING_MS);
      assert.deepEqual(await detailsOf(elsewhere, [first, second]), ['goes on', DETAILS]);
      assert.deepEqual(await detailsOf(roll, [first, second]), ['goes on', DETAILS]);
      await roll.leave(first);
      await elsewhere.leave(second);
      assert.deepEqual(await detailsOf(elsewhere, [first, second]), [undefined, undefined]);
    },
  },
  {
    name: 'tells how long ago a worker has entered itself',
    needs: ['roll'],
    async run(trial) {
      const roll = rollOf(trial.transport);
      const [id] = idsOf(trial.context.queueName);
      await roll.enter(id, 'here', LASTING_MS);
      await trial.pass(200);
      const entry = (await roll.entries()).find((each) => each.id === id);
      await roll.leave(id);
      assert.ok(entry !== undefined && entry.age >= 150 && entry.age < LASTING_MS, `Got age ${entry?.age}.`);
    },
  },
  {
    name: 'forgets a worker that has not entered itself again in time',
    needs: ['roll'],
    async run(trial) {
      const roll = rollOf(trial.transport);
      const [first, second] = idsOf(trial.context.queueName);
      await roll.enter(first, 'dies', 300);
      await roll.enter(second, 'lives', LASTING_MS);
      await trial.pass(350);
      await trial.eventually(async () => {
        assert.deepEqual(await detailsOf(roll, [first, second]), [undefined, 'lives']);
      });
      await roll.leave(second);
    },
  },
  {
    name: 'takes no offence at a worker that leaves without having entered itself',
    needs: ['roll'],
    async run(trial) {
      const [id] = idsOf(trial.context.queueName);
      await rollOf(trial.transport).leave(id);
    },
  },
  {
    name: 'has one roll in one place',
    needs: ['roll'],
    async run(trial) {
      assert.equal(rollOf(await trial.second()).place, rollOf(trial.transport).place);
    },
  },
  {
    name: 'answers when it is asked whether it is there',
    needs: ['ping'],
    async run({ transport }) {
      assert.ok(isPingable(transport), 'Expected the method of "Pingable".');
      await transport.ping();
    },
  },
];

function rollOf(transport: Transport): WorkerRoll {
  assert.ok(isRollKeeper(transport), 'Expected the property of "RollKeeper".');
  return transport.roll;
}

function idsOf(name: string): readonly [string, string] {
  return [`host:1:${name}`, `host:2:${name}`];
}

async function detailsOf(
  roll: WorkerRoll,
  ids: readonly string[],
): Promise<ReadonlyArray<string | undefined>> {
  const entries = await roll.entries();
  return ids.map((id) => entries.find((entry) => entry.id === id)?.details);
}
