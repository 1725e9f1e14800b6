import assert from 'node:assert/strict';
import { type DeduplicationLocks, isDeduplicationStore } from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';
import type { CaseDefinition } from './case-definition.js';
import type { Trial } from './trial.js';

/** Long enough for any pause of a busy machine. */
const LONG_MS = 60_000;

const SHORT_MS = 100;

/** How the processes of an application keep duplicates out. */
export const DEDUPLICATION_CASES: readonly CaseDefinition[] = [
  {
    name: 'gives a lock to one of many who ask for it at the same time, in several processes',
    needs: ['deduplication'],
    async run(trial) {
      const [first, second] = await locksOfBoth(trial);
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? first : second).acquire('key', `token-${index}`, LONG_MS),
        ),
      );
      assert.equal(answers.filter(Boolean).length, 1);
    },
  },
  {
    name: 'gives a lock to another once its owner has released it',
    needs: ['deduplication'],
    async run(trial) {
      const [first, second] = await locksOfBoth(trial);
      assert.equal(await first.acquire('key', 'a', LONG_MS), true);
      assert.equal(await second.acquire('key', 'b', LONG_MS), false);
      await second.release('key', 'a');
      assert.equal(await second.acquire('key', 'b', LONG_MS), true);
      assert.equal(await first.acquire('key', 'a', LONG_MS), false);
    },
  },
  {
    name: 'releases a lock for nobody but its owner',
    needs: ['deduplication'],
    async run({ transport }) {
      const locks = locksOf(transport);
      await locks.release('key', 'nobody');
      await locks.acquire('key', 'a', LONG_MS);
      await locks.release('key', 'b');
      assert.equal(await locks.acquire('key', 'b', LONG_MS), false);
    },
  },
  {
    name: 'ends a lock after its time, and its former owner can do nothing to the next',
    needs: ['deduplication'],
    async run(trial) {
      const locks = locksOf(trial.transport);
      assert.equal(await locks.acquire('key', 'a', SHORT_MS), true);
      await trial.pass(SHORT_MS + 1);
      await trial.eventually(async () => assert.equal(await locks.acquire('key', 'b', LONG_MS), true));
      await locks.release('key', 'a');
      assert.equal(await locks.acquire('key', 'a', LONG_MS), false);
    },
  },
  {
    name: 'prolongs a lock for its owner, from now',
    needs: ['deduplication'],
    async run(trial) {
      const locks = locksOf(trial.transport);
      await locks.acquire('key', 'a', SHORT_MS);
      assert.equal(await locks.acquire('key', 'a', LONG_MS), true);
      await trial.pass(SHORT_MS + 1);
      assert.equal(await locks.acquire('key', 'b', LONG_MS), false);
      assert.equal(await locks.acquire('key', 'a', SHORT_MS), true);
      await trial.pass(SHORT_MS + 1);
      await trial.eventually(async () => assert.equal(await locks.acquire('key', 'b', LONG_MS), true));
    },
  },
  {
    name: 'keeps locks apart by their keys, upper and lower case told apart, and from its messages',
    needs: ['deduplication'],
    async run(trial) {
      const locks = locksOf(trial.transport);
      const keys = [
        'key',
        'KEY',
        'key:1',
        'a/b.c@d-e_f',
        `#${'0123456789abcdef'.repeat(4)}`,
        'x'.repeat(128),
      ];
      for (const key of keys) {
        assert.equal(await locks.acquire(key, `of-${keys.indexOf(key)}`, LONG_MS), true, key);
      }
      await locks.release('key', 'of-0');
      assert.equal(await locks.acquire('KEY', 'other', LONG_MS), false);
      await trial.receiveNothing();
    },
  },
  {
    name: 'keeps locks apart by their queues',
    needs: ['deduplication', 'requeueElsewhere'],
    async run(trial) {
      const other = locksOf(await trial.other());
      await locksOf(trial.transport).acquire('key', 'a', LONG_MS);
      assert.equal(await other.acquire('key', 'b', LONG_MS), true);
    },
  },
];

async function locksOfBoth(trial: Trial): Promise<readonly [DeduplicationLocks, DeduplicationLocks]> {
  return [locksOf(trial.transport), locksOf(await trial.second())];
}

function locksOf(transport: Transport): DeduplicationLocks {
  assert.ok(isDeduplicationStore(transport), 'Expected "locks", as of a "DeduplicationStore".');
  return transport.locks;
}
