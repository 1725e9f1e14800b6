import { describe, expect, it, vi } from 'vitest';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { eventually } from '../../integration/redis/support/eventually.js';
import { Plain } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { AMQP_START_MS } from '../rigs/amqp.rig.js';
import { asUser, type ChaosRig } from '../rigs/chaos-rig.js';
import { ownServerOf } from '../rigs/own-server.js';
import { rigs } from '../rigs/rigs.js';
import { passes } from './full-store.js';
import { IMPATIENT } from './impatient.js';

vi.setConfig({ hookTimeout: AMQP_START_MS, testTimeout: 2 * CHAOS_DEADLINE_MS });

const USER = 'app';
const PASSWORD = 'hush-hush';

const REFUSED = 'certificate is not trusted';

/** Until a message is due that waits for the right certificate, in milliseconds: the connections are cut before. */
const DELAY_MS = 2000;

/** How long after that a worker would have handled it that could read, in milliseconds. */
const LATE_MS = 1000;

/** RabbitMQ is tried to reach for so long before a worker says that it could not, in seconds. */
const QUERY = { connect_timeout: 3 };

function dsnsOf(rig: ChaosRig) {
  const dsn = (queue: string): string => asUser(rig.dsn(queue), USER, PASSWORD);
  return { dsns: { async: dsn('async'), keyed: dsn('keyed'), failed: dsn('failed') } };
}

describe('scenario 33: a server whose certificate is replaced by one of another authority', () => {
  for (const kind of rigs('redis', 'amqp', 'postgres', 'mysql')) {
    describe(`on ${kind.transport}`, () => {
      const server = ownServerOf(kind, { tls: true, ...(kind.transport === 'amqp' && { query: QUERY }) });

      it('keeps its open connections, is then refused by name, and used again when it shows the right one', async () => {
        const { broker, proxy, kind: shared } = server();
        await broker.admit(USER, PASSWORD);
        const run = await ChaosRun.start(shared, { app: dsnsOf });
        const worker = await run.localWorker(IMPATIENT);
        await passes(run);
        await worker.says(true);

        await broker.certify('stranger');
        await passes(run);
        const waiting = new Plain(run.newId(), 'all', 1, Date.now() + DELAY_MS);
        expect(await run.dispatch(waiting)).toEqual([]);
        const from = Date.now();
        proxy.cut();
        // The end of the connection may be told first, until it was tried to open another.
        const reasons = (): string => worker.health.reasons.join();
        await eventually('the certificate was named', () => reasons().includes(REFUSED));
        const [error] = await run.dispatch(...run.messages(Plain, 1));
        expect(error).toBeInstanceOf(TransportError);
        expect(error).not.toBeInstanceOf(MaybeSentError);
        for (const told of [reasons(), String(error)]) {
          expect(told).toContain('"async"');
          expect(told).toContain(REFUSED);
          expect(told).not.toContain(PASSWORD);
        }
        await eventually('it was due', () => Date.now() > waiting.dueAt + LATE_MS);
        expect(run.starts(waiting)).toEqual([]);

        await broker.certify('authority');
        run.outages.push({ from, to: Date.now() });
        await worker.says(true);
        await run.handled([waiting]);
        await passes(run);
        await worker.stop();
        expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
      });
    });
  }
});
