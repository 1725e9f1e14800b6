import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { getTransportToken } from '../../../lib/module/tokens.js';
import type { Pingable } from '../../../lib/transport/capabilities.js';
import { eventually } from '../../integration/redis/support/eventually.js';
import { Plain, Slow } from '../app/messages.js';
import { IMPATIENT } from './impatient.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { AMQP_START_MS, amqpRig } from '../rigs/amqp.rig.js';
import { asUser, type ChaosRig, outage } from '../rigs/chaos-rig.js';
import { mysqlRig } from '../rigs/mysql.rig.js';
import { ownServerOf } from '../rigs/own-server.js';
import { postgresRig } from '../rigs/postgres.rig.js';
import { redisRig } from '../rigs/redis.rig.js';
import { passes, survivesFullStore } from './full-store.js';

vi.setConfig({ hookTimeout: AMQP_START_MS, testTimeout: 2 * CHAOS_DEADLINE_MS });

/** Shorter than in production, so that nobody waits long for what does not come. Seconds, but for `query_timeout`. */
const BROKERS = [
  { kind: redisRig, query: { timeout: 1, read_timeout: 1 } },
  { kind: amqpRig, query: { connect_timeout: 2, confirm_timeout: 1, blocked_timeout: 1 } },
  { kind: postgresRig, query: { connect_timeout: 2, query_timeout: 1500 } },
  { kind: mysqlRig, query: { connect_timeout: 2, query_timeout: 1500 } },
] as const;

/** How long after its broker's return a worker may need, in milliseconds. */
const BACK_MS = 10_000;

const USER = 'app';

/** The queues of the application, for a user of this password. */
function dsnsOf(rig: ChaosRig, password: string) {
  const dsn = (queue: string): string => asUser(rig.dsn(queue), USER, password);
  return { dsns: { async: dsn('async'), keyed: dsn('keyed'), failed: dsn('failed') } };
}

/** From now on; the returned function says when the broker was there again. */
function outageOf(run: ChaosRun): () => void {
  const from = Date.now();
  return () => run.outages.push({ from, to: Date.now() });
}

describe('scenarios 6 to 10, 32 and 33: a broker in trouble', () => {
  for (const { kind, query } of BROKERS) {
    describe(`on ${kind.transport}`, () => {
      const server = ownServerOf(kind, { query });

      /** A worker that has handled a message, and waits. */
      async function waiting(options: Parameters<typeof ChaosRun.start>[1] = {}) {
        const run = await ChaosRun.start(server().kind, options);
        const worker = await run.localWorker({ ...IMPATIENT, concurrency: 2 });
        await passes(run);
        await worker.says(true);
        const judged = async () => {
          await worker.stop();
          return faultsIn(await run.verdicts());
        };
        return { ...server(), run, worker, judged };
      }

      it('that is restarted while a worker waits has it back within ten seconds; meanwhile it was not ready', async () => {
        const { broker, run, worker, judged } = await waiting();
        const isBack = outageOf(run);
        await broker.stop('orderly');
        await worker.says(false);
        await broker.start();
        isBack();
        const returned = performance.now();
        await worker.says(true);
        await passes(run);
        expect(performance.now() - returned).toBeLessThan(BACK_MS);
        expect(await judged()).toEqual(NO_FAULT);
      });

      if (kind === mysqlRig) {
        it('that crashes while a message is in hand loses none, and late settlements end no worker', async () => {
          const { broker, run, worker, judged } = await waiting();
          const slow = new Slow(run.newId(), 'all', 1, 0, 500);
          await run.dispatch(slow);
          await run.until('it was in hand', () => run.starts(slow).length > 0);
          run.outages.push(await outage(broker, 'crash', () => run.handled([slow])));
          await worker.says(true);
          await passes(run);
          await run.drained();
          expect(await judged()).toEqual(NO_FAULT);
        });
      }

      it('that is away when an application starts is used once it is there: until then dispatches reject and the worker is not ready', async () => {
        const { kind: shared, proxy } = server();
        onTestFinished(() => proxy.restore());
        await proxy.refuse();
        proxy.cut();
        const run = await ChaosRun.start(shared);
        const worker = await run.localWorker(IMPATIENT);
        await eventually('it had tried', () => worker.health.transports[0]?.status === 'failing');
        expect(worker.health.isReady).toBe(false);
        const [error] = await run.dispatch(...run.messages(Plain, 1));
        expect(error).toBeInstanceOf(TransportError);
        expect(error).not.toBeInstanceOf(MaybeSentError);
        await proxy.restore();
        await worker.says(true);
        await passes(run);
        await worker.stop();
        expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
      });

      it('that falls silent on open connections is given up, and used again when it speaks', async () => {
        const { proxy, run, worker, judged } = await waiting();
        onTestFinished(() => proxy.restore());
        const isBack = outageOf(run);
        proxy.blackhole();
        await worker.says(false);
        // A worker that only waited for those connections would wait for ever.
        proxy.forget();
        isBack();
        await worker.says(true);
        for (let time = 1; time <= 3; time++) {
          await passes(run);
        }
        expect(await judged()).toEqual(NO_FAULT);
      });

      it('that is frozen before it confirms makes a dispatch reject, as one that may have been sent', async () => {
        const { broker, run, worker, judged } = await waiting();
        onTestFinished(() => broker.resume());
        const messages = run.messages(Plain, 1);
        // By a connection that is open, and that nothing else is sent over: else it would be certain that it was not sent.
        await (await run.app()).get<Pingable>(getTransportToken('async')).ping();
        broker.pause();
        const errors = await run.dispatch(...messages);
        broker.resume();
        expect(errors).toEqual([expect.any(MaybeSentError)]);
        await worker.says(true);
        await passes(run);
        await run.drained();
        expect(await judged()).toEqual(NO_FAULT);
      });

      it('that is full, or may not write, makes dispatches reject; what was accepted is handled when it has room', async () => {
        const { broker } = server();
        await broker.admit(USER, 'secret');
        const { run, worker, judged } = await waiting({ app: (rig) => dsnsOf(rig, 'secret') });
        onTestFinished(() => broker.setFull(false));
        await survivesFullStore(run, worker, (isFull) => broker.setFull(isFull));
        expect(await judged()).toEqual(NO_FAULT);
      });

      it('that wants another password lets open connections go on, and its messages to a worker that knows it', async () => {
        const { broker, proxy } = server();
        await broker.admit(USER, 'old');
        const { run, worker, judged } = await waiting({ app: (rig) => dsnsOf(rig, 'old') });
        await broker.admit(USER, 'new');
        await passes(run);
        const isBack = outageOf(run);
        proxy.cut();
        const { reasons } = await worker.says(false);
        isBack();
        expect(reasons.join()).not.toMatch(/\bold\b/);
        await broker.admit(USER, 'old');
        await worker.says(true);
        await passes(run);
        expect(await judged()).toEqual(NO_FAULT);
      });
    });
  }
});
