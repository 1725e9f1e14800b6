import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { MessageBus } from '../../../lib/bus/message-bus.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { eventually } from '../../integration/redis/support/eventually.js';
import { Once } from '../app/messages.js';
import { IMPATIENT } from './impatient.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import type { RigTransport } from '../rigs/chaos-rig.js';
import { rigs } from '../rigs/rigs.js';

/** Those whose inbox is where their messages are; the others have one in a file. */
const OWN_INBOX: readonly RigTransport[] = ['postgres', 'mysql'];

/** How long the first handler takes after its effect, with its transaction open, in milliseconds. */
const OPEN_MS = 700;

/** How a worker holds one message and no more. */
const ONE_BY_ONE = { concurrency: 1, fetchSize: 1, prefetch: 0 };

describe('scenario 23: a message that two workers have at the same time', () => {
  for (const rig of rigs('sqlite', 'redis', 'amqp', 'postgres', 'mysql')) {
    describe(`on ${rig.transport}`, () => {
      it(
        'is handled by one: the other waits, skips its idempotent handler, and both acknowledge',
        async () => {
          const run = await ChaosRun.start(rig, {
            app: ({ transport }, folder) =>
              OWN_INBOX.includes(transport)
                ? { inbox: true }
                : { inbox: 'db', more: { db: `sqlite:${folder}/inbox.db` } },
            failpointsHere: [{ at: 'after-handle', action: 'delay', ms: OPEN_MS }],
          });
          const message = new Once(run.newId());
          const twice = new Envelope<object>(message, [new MessageIdStamp(message.id)]);
          const bus = (await run.app()).get(MessageBus);
          for (const what of ['attempted', 'accepted'] as const) {
            const { id, key, sequence, dueAt } = message;
            run.ledger.dispatch({ what, id, key, sequence, dueAt, type: 'Once', maybeSent: false });
          }
          await bus.dispatch(twice);
          await bus.dispatch(twice);
          const workers = [
            await run.localWorker({ ...IMPATIENT, ...ONE_BY_ONE }),
            await run.localWorker({ ...IMPATIENT, ...ONE_BY_ONE }),
          ];
          await eventually(
            'one handled it while both had it in hand',
            () => run.effects().length === 1 && workers.every(({ inHand }) => inHand === 1),
          );
          expect(run.starts(message)).toHaveLength(1);
          const acknowledged = () =>
            run.ledger
              .read()
              .settlements.filter(
                ({ id, what, how }) => id === message.id && what === 'settled' && how === 'ack',
              );
          await run.until('both were acknowledged', () => acknowledged().length === 2);
          await Promise.all(workers.map((worker) => worker.stop()));

          expect(acknowledged().map(({ lost }) => lost)).toEqual([false, false]);
          expect(faultsIn(await run.verdicts({ exactlyOnce: ['once'] }))).toEqual(NO_FAULT);
          expect(run.effects()).toHaveLength(1);
          expect(run.ledger.read().notes.map(({ what }) => what)).toEqual(['skipped']);
        },
        2 * CHAOS_DEADLINE_MS,
      );
    });
  }
});
