import assert from 'node:assert/strict';
import type { Envelope } from '../../envelope/envelope.js';
import type { Transport } from '../../transport/transport.js';
import type { CaseDefinition } from './case-definition.js';
import { contentsOf, sorted, type Trial } from './trial.js';

const MESSAGES = 2000;
const CONSUMERS = 3;

/** What remains true when there is much to do. */
export const LOAD_CASES: readonly CaseDefinition[] = [
  {
    name: `hands each of ${MESSAGES} messages to one of ${CONSUMERS} consumers, once`,
    async run(trial) {
      const contents = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);
      const consumers = [trial.transport, await trial.second(), await trial.second()];
      const handled: string[] = [];
      const work = consumers.map((consumer) => consume(trial, consumer, handled));
      for (let from = 0; from < MESSAGES; from += 250) {
        await Promise.all([
          trial.send(...contents.slice(from, from + 100)),
          ...contents.slice(from + 100, from + 250).map((content) => trial.send(content)),
        ]);
      }
      await Promise.all(work);
      assert.deepEqual(sorted(handled), sorted(contents));
      await trial.receiveNothing();
    },
  },
];

/** Fetches and acknowledges until all consumers together have all messages, or none has come for long. */
async function consume(trial: Trial, consumer: Transport, handled: string[]): Promise<void> {
  let lastArrival = performance.now();
  while (handled.length < MESSAGES && performance.now() - lastArrival < trial.limits.patience) {
    const received: readonly Envelope[] = await trial.glance(consumer, 20);
    if (received.length > 0) {
      lastArrival = performance.now();
      handled.push(...contentsOf(received));
      const settled = await consumer.ack(received);
      assert.deepEqual(settled?.lost ?? [], []);
    }
  }
}
