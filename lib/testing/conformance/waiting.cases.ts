import assert from 'node:assert/strict';
import { isCloseable } from '../../transport/capabilities.js';
import type { CaseDefinition } from './case-definition.js';
import { contentsOf, sorted } from './trial.js';

/** Longer than any case lasts: a fetch that waits so long ends because of what the case does, or not at all. */
const FOREVER_MS = 60_000;

/** What a fetch that waits may rely on. */
export const WAITING_CASES: readonly CaseDefinition[] = [
  {
    name: 'ends a wait with nothing when its time is over',
    async run(trial) {
      const start = performance.now();
      const fetch = trial.transport.get({ wait: 200 });
      await trial.pass(200);
      assert.deepEqual(await trial.promptly(fetch, 'the end of the wait'), []);
      const lasted = performance.now() - start;
      assert.ok(trial.movesTime || lasted >= 199, `The wait ended after ${lasted} ms.`);
    },
  },
  {
    name: 'ends a wait as soon as a message arrives',
    needs: ['wakeUp'],
    async run(trial) {
      const fetch = trial.transport.get({ wait: FOREVER_MS });
      await trial.letWait();
      await trial.send('a');
      assert.deepEqual(contentsOf(await trial.promptly(fetch, 'the message')), ['a']);
    },
  },
  {
    name: 'ends a wait as soon as a message arrives that another process has sent',
    needs: ['wakeUp', 'secondConsumer'],
    async run(trial) {
      const second = await trial.second();
      const fetch = second.get({ wait: FOREVER_MS });
      await trial.letWait();
      await trial.send('a');
      assert.deepEqual(contentsOf(await trial.promptly(fetch, 'the message')), ['a']);
    },
  },
  {
    name: 'ends the wait of every consumer for which there is a message',
    needs: ['wakeUp'],
    async run(trial) {
      const second = await trial.second();
      const fetches = [trial.transport, second].map((consumer) => consumer.get({ wait: FOREVER_MS }));
      await trial.letWait();
      await trial.send('a', 'b');
      const received = await trial.promptly(Promise.all(fetches), 'both messages');
      assert.deepEqual(sorted(contentsOf(received.flat())), ['a', 'b']);
    },
  },
  {
    name: 'ends a wait at once when it is aborted, and loses nothing by it',
    async run(trial) {
      const abort = new AbortController();
      const fetch = trial.transport.get({ wait: FOREVER_MS, signal: abort.signal });
      await trial.letWait();
      abort.abort();
      assert.deepEqual(await trial.promptly(fetch, 'the end of the wait'), []);
      await trial.send('a');
      assert.deepEqual(contentsOf(await trial.receive(1)), ['a']);
    },
  },
  {
    name: 'loses no message when an abort and an arrival meet',
    async run(trial) {
      const rounds = 20;
      const received: string[] = [];
      for (let round = 0; round < rounds; round++) {
        const abort = new AbortController();
        const fetch = trial.transport.get({ wait: FOREVER_MS, signal: abort.signal });
        const send = trial.send(`message ${round}`);
        // Now before the message has been sent, now after it.
        await (round % 2 === 0 ? undefined : send);
        abort.abort();
        received.push(...contentsOf(await trial.promptly(fetch, 'the end of the wait')));
        await send;
      }
      received.push(...contentsOf(await trial.receive(rounds - received.length)));
      assert.deepEqual(
        sorted(received),
        sorted(Array.from({ length: rounds }, (_, round) => `message ${round}`)),
      );
    },
  },
  {
    name: 'ends a wait when it is closed',
    needs: ['close'],
    async run(trial) {
      const { transport } = trial;
      assert.ok(isCloseable(transport), 'Expected the method of "Closeable".');
      const fetch = transport.get({ wait: FOREVER_MS });
      await trial.letWait();
      await trial.promptly(transport.close(), 'the end of close');
      assert.deepEqual(await trial.promptly(fetch, 'the end of the wait'), []);
    },
  },
];
