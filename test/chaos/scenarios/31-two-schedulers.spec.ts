import { describe, expect, it } from 'vitest';
import { MessageBus } from '../../../lib/bus/message-bus.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import type { ChaosAppOptions } from '../app/chaos-app.options.js';
import { Once } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import type { ChaosRig, RigTransport } from '../rigs/chaos-rig.js';
import { allRigs } from '../rigs/rigs.js';

/** Those that keep no inbox themselves. */
const INBOX_ELSEWHERE: readonly RigTransport[] = ['redis', 'amqp'];

function inboxOf({ transport }: ChaosRig, folder: string): Partial<ChaosAppOptions> {
  return INBOX_ELSEWHERE.includes(transport)
    ? { inbox: 'db', more: { db: `sqlite:${folder}/inbox.db` } }
    : { inbox: true };
}

describe.concurrent('scenario 31: two schedulers that both send the message of a time', () => {
  for (const rig of allRigs()) {
    describe(`on ${rig.transport}`, () => {
      it(
        'under an id of that time have it handled once by an idempotent handler, however long one is behind',
        async ({ onTestFinished }) => {
          const run = await ChaosRun.start(rig, { app: inboxOf }, onTestFinished);
          const [message] = run.messages(Once, 1) as [Once];
          const ofThatTime = new MessageIdStamp(`nightly-report 2026-11-29T06:00Z ${run.id}`);
          const send = async (): Promise<unknown> =>
            (await run.app()).get(MessageBus).dispatch(message, [ofThatTime]);
          const settled = (count: number): Promise<void> =>
            run.until(`${count} messages are settled`, ({ settlements }) => {
              return (
                settlements.filter(({ what, how }) => what === 'settled' && how === 'ack').length === count
              );
            });
          await Promise.all([send(), send()]);
          const worker = await run.localWorker({ concurrency: 2 });
          await settled(2);
          await worker.stop();
          await run.renewApp();
          await send();
          await run.localWorker();
          await settled(3);
          await run.stop();

          expect(run.effects().map(({ id, handler }) => ({ id, handler }))).toEqual([
            { id: message.id, handler: 'once' },
          ]);
          expect(run.ledger.read().notes.map(({ what }) => what)).toEqual(['skipped', 'skipped']);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
