import { describe, expect, it, vi } from 'vitest';
import { perFile } from '../../integration/redis/support/lifetime.js';
import { until } from '../../e2e/support/until.js';
import { Plain, Poison } from '../app/messages.js';
import { IMPATIENT } from './impatient.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import type { Lifetime } from '../../integration/redis/support/lifetime.js';
import type { RigKind } from '../rigs/chaos-rig.js';
import { redisRig } from '../rigs/redis.rig.js';
import { rigs } from '../rigs/rigs.js';

vi.setConfig({ testTimeout: 2 * CHAOS_DEADLINE_MS, hookTimeout: CHAOS_DEADLINE_MS });

/** The shortest pause between two tries, in milliseconds: five seconds, less what clocks differ by. */
const PAUSE_MS = 4900;

/** A worker whose failure transport is away, until it has tried once to bring a message there. */
async function failingInVain(kind: RigKind, lifetime: Lifetime) {
  const elsewhere = await redisRig.open({ folder: '', proxied: true });
  lifetime(() => elsewhere.dispose());
  await elsewhere.proxy?.refuse();
  const away = elsewhere.dsn('failed', { timeout: 1, read_timeout: 1 });
  const run = await ChaosRun.start(
    kind,
    {
      // Redis gives a message back for no longer than its lease.
      ...(kind === redisRig && { rig: { query: { redeliver_timeout: 10 } } }),
      app: () => ({ retry: { maxRetries: 0 }, more: { away }, failureTransport: 'away' }),
    },
    lifetime,
  );
  const [poison, ...others] = [...run.messages(Poison, 1), ...run.messages(Plain, 3)] as const;
  if (poison === undefined) {
    throw new TypeError('There is a message that fails.');
  }
  await run.dispatch(poison, ...others);
  const worker = await run.localWorker(IMPATIENT);
  await run.until('it was given back', ({ settlements }) =>
    settlements.some(({ id, what, how }) => id === poison.id && what === 'settled' && how === 'release'),
  );
  await run.handled(others);
  const settlements = (): readonly string[] =>
    run.ledger
      .read()
      .settlements.filter(({ id, what }) => id === poison.id && what === 'settled')
      .map(({ how }) => how);
  const inVain = settlements();
  await elsewhere.proxy?.restore();
  const isKept = async () => (await elsewhere.idsIn('failed', () => run.app())).includes(poison.id);
  await until('it was in the failure transport', isKept, CHAOS_DEADLINE_MS);
  await worker.stop();
  const times = run.starts(poison).map(({ at }) => at);
  return {
    inVain,
    last: settlements().at(-1),
    times,
    kept: await elsewhere.idsIn('failed', () => run.app()),
    left: await run.leftovers(),
    poison,
  };
}

describe('scenario 29: a failure transport that cannot be reached', () => {
  const kinds = rigs('sqlite', 'redis', 'amqp', 'postgres', 'mysql');
  // All at the same time, since each has to wait for its pause.
  const runs = perFile((lifetime) => {
    const started = kinds.map((kind) => [kind, failingInVain(kind, lifetime)] as const);
    // Each test hears of its own.
    started.forEach(([, each]) => void each.catch(() => undefined));
    return Promise.resolve(new Map(started));
  });

  for (const kind of kinds) {
    describe(`on ${kind.transport}`, () => {
      it('lets a failed message stay where it is, is tried again after five seconds, and has it then; others are handled', async () => {
        const run = await runs().get(kind);
        expect(run?.inVain).toEqual(['release']);
        expect(run?.times).toHaveLength(2);
        const [first = 0, second = 0] = run?.times ?? [];
        expect(second - first).toBeGreaterThanOrEqual(PAUSE_MS);
        expect(run?.last).toBe('reject');
        expect(run?.kept).toEqual([run?.poison.id]);
        expect(run?.left).toEqual({ failed: [], waiting: [] });
      });
    });
  }
});
