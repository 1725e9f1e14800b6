import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { MessageBus } from '../../../lib/bus/message-bus.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { isMessageCountAware } from '../../../lib/transport/capabilities.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { Plain } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { allRigs } from '../rigs/rigs.js';

/** How many wait. */
const DELAYED = process.env['CHAOS_FULL'] === '1' ? 1_000_000 : 20_000;

/** With one call. */
const TOGETHER = 1000;

/** For which they wait, in milliseconds: longer than any test. */
const LATER_MS = 3_600_000;

/** How long a message may take that is not delayed, in milliseconds. */
const PROMPT_MS = 1000;

/** By how much the heap of a worker may grow for each of them, in bytes: less than a message, so it does not hold them. */
const BYTES_EACH = 200;

const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Stores them without the ledger, which is not asked about them. */
async function delay(run: ChaosRun, count: number): Promise<void> {
  const bus = (await run.app()).get(MessageBus);
  for (let sent = 0; sent < count; sent += TOGETHER) {
    await bus.dispatchAll(
      Array.from({ length: Math.min(TOGETHER, count - sent) }, () => new Plain('later')),
      [new DelayStamp(LATER_MS)],
    );
  }
}

/** How many the transport says are delayed; nothing if it does not tell. */
async function countDelayed(run: ChaosRun): Promise<number | undefined> {
  const transport = (await run.app()).get(TransportRegistry).get('async');
  return isMessageCountAware(transport) ? (await transport.messageCount()).delayed : undefined;
}

describe('scenario 39: very many messages that are delayed', () => {
  for (const rig of allRigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'do not hold up what is due, nor do they fill the memory of a worker',
        async () => {
          const run = await ChaosRun.start(rig, { rig: { leavesDelayed: true } });
          await delay(run, DELAYED);
          const heapBefore = heapUsed();
          // It asks for several at once, so that it could get one that is delayed along with one that is due.
          await run.localWorker({ concurrency: 5 });
          const [warmUp, prompt, soon] = run
            .messages(Plain, 3)
            .map((message, index) =>
              index < 2 ? message : new Plain(message.id, 'all', 3, Date.now() + 1500),
            ) as [Plain, Plain, Plain];
          await run.dispatch(warmUp, soon);
          await run.handled([warmUp]);
          const sentAt = performance.now();
          await run.dispatch(prompt);
          await run.handled([prompt]);
          expect(performance.now() - sentAt).toBeLessThan(PROMPT_MS);
          await run.handled([soon]);

          expect(heapUsed() - heapBefore).toBeLessThan(DELAYED * BYTES_EACH);
          expect(await countDelayed(run)).toBe(rig.transport === 'amqp' ? undefined : DELAYED);
          await run.stop();
          expect(run.effects().map(({ id }) => id)).toEqual([warmUp.id, prompt.id, soon.id]);
        },
        10 * CHAOS_DEADLINE_MS + DELAYED,
      );
    });
  }
});
