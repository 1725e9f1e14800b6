import { setTimeout as sleep } from 'node:timers/promises';
import type { Lifetime } from '../../integration/redis/support/lifetime.js';
import { until } from '../../e2e/support/until.js';
import { type ChaosMessage, Poison } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { accountOf } from '../ledger/account.js';
import { faultsIn, type Verdicts } from '../ledger/verdicts.js';
import type { Leftovers } from '../ledger/history.js';
import { watchStandstills } from '../ledger/standstills.js';
import type { RigKind } from '../rigs/chaos-rig.js';
import { inboxOf } from '../scenarios/inbox-of.js';
import { kindsIn, planFaults } from './fault-plan.js';
import { FaultInjector } from './fault-injector.js';
import { MessageMixture } from './message-mixture.js';
import { SeededRandom } from './seeded-random.js';
import { SupervisedSlot } from './supervised-slot.js';

const WORKERS = 2;

/** Longer than those of the scenarios, in seconds: nobody shall lose one because the machine is busy. */
const LEASE_S = 3;

/** RabbitMQ closes the connection of a worker that is stopped for so long, in seconds. */
const HEARTBEAT_S = 1;

/** What a run needs to go on with retries while the place is away for seconds. */
const RETRY = { maxRetries: 6, delay: 100, multiplier: 2, jitter: 0 };

/** Between two dispatches of up to {@link MOST_AT_ONCE} messages, in milliseconds. */
const DISPATCH_EVERY_MS = 150;
const MOST_AT_ONCE = 4;

/** How often to look whether all is over, in milliseconds. */
const LOOK_EVERY_MS = 300;

/** What a randomised run came to. */
export interface RandomOutcome {
  readonly verdicts: Verdicts;
  /** What is known of the messages that it was not as it should be with, and of what was done meanwhile. */
  readonly account: string;
  readonly leftovers: Leftovers;
  /** The ids of poison that was accepted, and is not in the failure transport. */
  readonly missing: readonly string[];
  /** The ids of what is in the failure transport, and is no poison. */
  readonly strangers: readonly string[];
  /** What workers wrote that ended although nobody made them. */
  readonly unexpected: readonly string[];
  /** In numbers, to print. */
  readonly figures: Readonly<Record<string, unknown>>;
}

/**
 * Sends messages of all kinds while the seed's faults happen; then lets everything drain, and judges it.
 *
 * @param ms how long faults go on, in milliseconds. It lasts longer than that, until everything is drained.
 */
export async function randomRun(
  kind: RigKind,
  seed: number,
  ms: number,
  lifetime: Lifetime,
): Promise<RandomOutcome> {
  const isAmqp = kind.transport === 'amqp';
  const hasServer = kind.transport !== 'sqlite';
  const run = await ChaosRun.start(
    kind,
    {
      rig: {
        ownBroker: hasServer,
        proxied: hasServer,
        query: isAmqp ? { heartbeat: HEARTBEAT_S } : { redeliver_timeout: LEASE_S },
      },
      // Where workers are killed all the time, a message may be in their hands often without being to blame.
      app: (rig, folder) => ({ ...inboxOf(rig, folder), retry: RETRY, maxDeliveries: 1000 }),
    },
    lifetime,
  );
  // What stops this process stops the proxy in it.
  lifetime(watchStandstills((standstill) => run.outages.push(standstill)));
  const slots = await startWorkers(run, lifetime);
  const plan = planFaults({ seed, transport: kind.transport, ms, workers: WORKERS, leaseMs: LEASE_S * 1000 });
  const [messages] = await Promise.all([
    dispatchFor(ms, run, new SeededRandom(seed + 1)),
    new FaultInjector(run, slots).inject(plan),
  ]);
  // A failpoint that has not acted yet would do so when all is over.
  slots.forEach((slot) => slot.disarm());
  await settled(run, messages);
  await until('each worker consumes', () => slots.every(({ isConsuming }) => isConsuming), CHAOS_DEADLINE_MS);
  slots.forEach((slot) => slot.giveUp());
  const verdicts = await run.verdicts();
  await Promise.all(slots.map(({ ended }) => ended));
  const history = run.ledger.read();
  const { fired, handlings } = history;
  const leftovers = await run.leftovers();
  const poison = messages.filter((message) => message instanceof Poison).map(({ id }) => id);
  const accepted = acceptedIn(run);
  return {
    verdicts,
    account: `${accountOf(history, verdicts)}\n${run.interruptions}`,
    leftovers,
    missing: poison.filter((id) => accepted.has(id) && !leftovers.failed.includes(id)),
    strangers: leftovers.failed.filter((id) => !poison.includes(id)),
    unexpected: slots.flatMap(({ unexpected }) => unexpected),
    figures: {
      transport: kind.transport,
      seed,
      messages: messages.length,
      runs: handlings.filter(({ what }) => what === 'started').length,
      faults: plan.length,
      kinds: [...kindsIn(plan)].join(' '),
      failpoints: fired.map(({ point, action }) => `${point} ${action}`).join(', '),
      ...faultsIn(verdicts),
    },
  };
}

async function startWorkers(run: ChaosRun, lifetime: Lifetime): Promise<readonly SupervisedSlot[]> {
  const slots = Array.from({ length: WORKERS }, () => {
    const slot = new SupervisedSlot((failpoints) =>
      run.spawnWorker({ receivers: ['keyed', 'async'], args: ['--concurrency=8'], failpoints }),
    );
    lifetime(() => slot.giveUp());
    return slot;
  });
  await until('each worker consumes', () => slots.every(({ isConsuming }) => isConsuming), CHAOS_DEADLINE_MS);
  return slots;
}

/** Does not wait for one message before it sends the next. Resolves when all were accepted or refused. */
async function dispatchFor(
  ms: number,
  run: ChaosRun,
  random: SeededRandom,
): Promise<readonly ChaosMessage[]> {
  const mixture = new MessageMixture(random, () => run.newId());
  const messages: ChaosMessage[] = [];
  const dispatched: Promise<unknown>[] = [];
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt) {
    const some = Array.from({ length: random.whole(1, MOST_AT_ONCE) }, () => mixture.next());
    messages.push(...some);
    dispatched.push(...some.map((message) => run.dispatch(message)));
    await sleep(DISPATCH_EVERY_MS);
  }
  await Promise.all(dispatched);
  return messages;
}

/** Resolves when all that was accepted was handled, or is poison, and nothing waits. */
async function settled(run: ChaosRun, messages: readonly ChaosMessage[]): Promise<void> {
  const accepted = acceptedIn(run);
  const good = messages.filter((message) => !(message instanceof Poison) && accepted.has(message.id));
  const areOver = async (): Promise<boolean> => {
    await sleep(LOOK_EVERY_MS);
    const effects = new Set(run.effects().map(({ id }) => id));
    return good.every(({ id }) => effects.has(id)) && (await run.isDrained());
  };
  // Whoever loses a message shall be told which by the judge, and not that a deadline passed.
  await until('everything was handled', areOver, CHAOS_DEADLINE_MS).catch(() => undefined);
}

function acceptedIn(run: ChaosRun): ReadonlySet<string> {
  const { dispatches } = run.ledger.read();
  return new Set(dispatches.filter(({ what }) => what === 'accepted').map(({ id }) => id));
}
