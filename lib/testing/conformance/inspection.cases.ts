import assert from 'node:assert/strict';
import type { Envelope } from '../../envelope/envelope.js';
import { DelayStamp } from '../../stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../stamp/transport-message-id.stamp.js';
import {
  isClaimable,
  isListable,
  isMessageCountAware,
  isReleasable,
  type Listable,
  type MessageCounts,
} from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';
import type { CaseDefinition } from './case-definition.js';
import { contentOf, contentsOf, message, sorted, type Trial } from './trial.js';

/** Ids no transport gives, some of which mean something to a careless query. */
const UNKNOWN_IDS = ['', '0', 'no such id', "' OR '1'='1", '*', '../..', '999999999999999999999', '☃'];

/** Long enough to be told from nothing, in milliseconds. */
const AGE_MS = 20;

/** What somebody who looks from outside may rely on. */
export const INSPECTION_CASES: readonly CaseDefinition[] = [
  {
    name: 'counts its messages by their state',
    needs: ['counting'],
    async run(trial) {
      await assertCounts(trial, { ready: 0, inFlight: 0, delayed: 0 });
      await trial.send('a', 'b', 'c');
      await assertCounts(trial, { ready: 3, inFlight: 0, delayed: 0 });
      const held = await trial.receiveOne();
      await assertCounts(trial, { ready: 2, inFlight: 1, delayed: 0 });
      await trial.transport.ack([held]);
      await assertCounts(trial, { ready: 2, inFlight: 0, delayed: 0 });
    },
  },
  {
    name: 'counts delayed messages apart',
    needs: ['counting', 'delay'],
    async run(trial) {
      await trial.transport.send([message('later', new DelayStamp(60_000)), message('now')]);
      await assertCounts(trial, { ready: 1, inFlight: 0, delayed: 1 });
    },
  },
  {
    name: 'tells how long the oldest message has been ready',
    needs: ['counting', 'oldestAge'],
    async run(trial) {
      assert.equal(await oldestAge(trial), 0);
      const elapsed = startTiming(trial);
      await trial.send('a');
      await trial.pass(AGE_MS);
      await trial.send('b');
      await assertAge(trial, AGE_MS, () => elapsed(AGE_MS));
    },
  },
  {
    name: 'counts the age of a delayed message from when it was due',
    needs: ['counting', 'oldestAge', 'delay'],
    async run(trial) {
      const elapsed = startTiming(trial);
      await trial.transport.send([message('later', new DelayStamp(AGE_MS))]);
      await trial.pass(3 * AGE_MS);
      await assertAge(trial, 2 * AGE_MS, () => elapsed(3 * AGE_MS) - AGE_MS);
    },
  },
  {
    name: 'counts the age of a message that was given back from its arrival',
    needs: ['counting', 'oldestAge', 'release'],
    async run(trial) {
      const elapsed = startTiming(trial);
      await trial.send('a');
      await trial.pass(AGE_MS);
      const held = await trial.receiveOne();
      assert.ok(isReleasable(trial.transport), 'Expected the method of "Releasable".');
      await trial.transport.release([held]);
      await assertAge(trial, AGE_MS, () => elapsed(AGE_MS));
    },
  },
  {
    name: 'counts the age of neither held nor delayed messages',
    needs: ['counting', 'oldestAge', 'delay'],
    async run(trial) {
      await trial.transport.send([message('later', new DelayStamp(60_000)), message('now')]);
      await trial.pass(AGE_MS);
      await trial.receiveOne();
      assert.equal(await oldestAge(trial), 0);
    },
  },
  {
    name: 'lists every message, delayed and held ones included, without claiming it',
    needs: ['listing', 'listingAll'],
    async run(trial) {
      const delay = trial.has('delay') ? [new DelayStamp(60_000)] : [];
      await trial.send('a');
      await trial.receiveOne();
      await trial.transport.send([message('b'), message('later', ...delay)]);
      const listed = await list(trial.transport);
      assert.deepEqual(sorted(contentsOf(listed)), ['a', 'b', 'later']);
      assert.equal(new Set(listed.map(idOf)).size, 3);
      const received = await trial.receiveOne();
      assert.equal(contentOf(received), 'b');
      assert.equal(received.has(RedeliveredStamp), false);
    },
  },
  {
    name: 'lists the oldest messages if it is told how many',
    needs: ['listing'],
    async run(trial) {
      for (const content of ['a', 'b', 'c', 'd']) {
        await trial.send(content);
      }
      assert.deepEqual(contentsOf(await list(trial.transport, 2)), ['a', 'b']);
      assert.deepEqual(contentsOf(await list(trial.transport, 10)), ['a', 'b', 'c', 'd']);
    },
  },
  {
    name: 'lists nothing when it is empty',
    needs: ['listing'],
    async run({ transport }) {
      assert.deepEqual(await list(transport), []);
    },
  },
  {
    name: 'finds each message under the id it is listed with',
    needs: ['listing'],
    async run(trial) {
      const { transport } = trial;
      await trial.send('a', 'b', 'c');
      for (const listed of await list(transport)) {
        const found = await listable(transport).find(idOf(listed));
        assert.equal(found === undefined ? undefined : contentOf(found), contentOf(listed));
        assert.equal(found === undefined ? undefined : idOf(found), idOf(listed));
      }
    },
  },
  {
    name: 'leaves no mark on a message that was listed or found',
    needs: ['listing', 'listingUnmarked'],
    async run(trial) {
      const { transport } = trial;
      await trial.send('a', 'b', 'c');
      for (const listed of await list(transport)) {
        await listable(transport).find(idOf(listed));
      }
      assert.equal(
        (await trial.receive(3)).some((envelope) => envelope.has(RedeliveredStamp)),
        false,
      );
    },
  },
  {
    name: 'finds nothing under an id that it has not given',
    needs: ['listing'],
    async run(trial) {
      await trial.send('a');
      for (const id of UNKNOWN_IDS) {
        assert.equal(
          await listable(trial.transport).find(id),
          undefined,
          `It found something under the id "${id}".`,
        );
      }
    },
  },
  {
    name: 'no longer finds a message that was settled',
    needs: ['listing'],
    async run(trial) {
      await trial.send('a');
      const received = await trial.receiveOne();
      await trial.transport.ack([received]);
      assert.equal(await listable(trial.transport).find(idOf(received)), undefined);
      assert.deepEqual(await list(trial.transport), []);
    },
  },
  {
    name: 'claims one message by its id, to be settled like any other',
    needs: ['listing', 'claiming'],
    async run(trial) {
      const second = await trial.second();
      await trial.send('a', 'b', 'c');
      const claimed = await claim(trial.transport, await idOfListed(trial.transport, 'b'));
      assert.equal(claimed === undefined ? undefined : contentOf(claimed), 'b');
      assert.equal(await claim(second, idOf(claimed)), undefined);
      assert.deepEqual(sorted(contentsOf(await trial.receive(2, second))), ['a', 'c']);
      assert.deepEqual((await trial.transport.ack(claimed === undefined ? [] : [claimed]))?.lost ?? [], []);
      assert.equal(await claim(second, idOf(claimed)), undefined);
    },
  },
  {
    name: 'claims no message that somebody holds',
    needs: ['listing', 'claiming'],
    async run(trial) {
      await trial.send('a');
      const held = await trial.receiveOne();
      assert.equal(await claim(await trial.second(), idOf(held)), undefined);
    },
  },
  {
    name: 'claims a message before it is due, if it is asked for by its id',
    needs: ['listing', 'listingAll', 'claiming', 'delay'],
    async run(trial) {
      await trial.transport.send([message('later', new DelayStamp(60_000))]);
      const claimed = await claim(trial.transport, await idOfListed(trial.transport, 'later'));
      assert.equal(claimed === undefined ? undefined : contentOf(claimed), 'later');
    },
  },
  {
    name: 'claims nothing under an id that it has not given',
    needs: ['claiming'],
    async run(trial) {
      await trial.send('a');
      for (const id of UNKNOWN_IDS) {
        assert.equal(
          await claim(trial.transport, id),
          undefined,
          `It claimed something under the id "${id}".`,
        );
      }
      assert.deepEqual(contentsOf(await trial.receive(1)), ['a']);
    },
  },
];

/** Some brokers count a little behind. What a transport cannot tell is left out. */
async function assertCounts(
  trial: Trial,
  expected: Required<Omit<MessageCounts, 'oldestAge'>>,
): Promise<void> {
  await trial.eventually(async () => {
    const { ready, inFlight = expected.inFlight, delayed = expected.delayed } = await countsOf(trial);
    assert.deepEqual({ ready, inFlight, delayed }, expected);
  });
}

async function countsOf({ transport }: Trial): Promise<MessageCounts> {
  assert.ok(isMessageCountAware(transport), 'Expected the method of "MessageCountAware".');
  return transport.messageCount();
}

/** Tells later how much time has gone by for the transport: `passed` milliseconds, where nothing but the suite moves its clock. */
function startTiming({ movesTime }: Trial): (passed: number) => number {
  const start = performance.now();
  return (passed) => (movesTime ? passed : performance.now() - start);
}

/** Checks the age of the oldest message. The clocks of the two sides are read in whole milliseconds. */
async function assertAge(trial: Trial, least: number, most: () => number): Promise<void> {
  const age = await oldestAge(trial);
  const limit = most() + 2;
  assert.ok(age >= least - 2 && age <= limit, `Expected ${least} to ${limit} ms, got ${age}.`);
}

async function oldestAge(trial: Trial): Promise<number> {
  const { oldestAge: age } = await countsOf(trial);
  assert.ok(age !== undefined, 'Expected an "oldestAge".');
  return age;
}

async function list(transport: Transport, limit?: number): Promise<readonly Envelope[]> {
  const listed: Envelope[] = [];
  for await (const envelope of listable(transport).all(limit)) {
    listed.push(envelope);
  }
  return listed;
}

async function idOfListed(transport: Transport, content: string): Promise<string> {
  return idOf((await list(transport)).find((envelope) => contentOf(envelope) === content));
}

function idOf(envelope: Envelope | undefined): string {
  const id = envelope?.last(TransportMessageIdStamp)?.id;
  assert.ok(id !== undefined, 'Expected a "TransportMessageIdStamp".');
  return id;
}

function listable(transport: Transport): Listable {
  assert.ok(isListable(transport), 'Expected the methods of "Listable".');
  return transport;
}

async function claim(transport: Transport, id: string): Promise<Envelope | undefined> {
  assert.ok(isClaimable(transport), 'Expected the method of "Claimable".');
  return transport.claim(id);
}
