import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { loadSqliteDriver } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { until } from '../../e2e/support/until.js';
import type { Lifetime } from '../../integration/redis/support/lifetime.js';
import { HEAP_REPORTS_VARIABLE } from '../app/heap-reports.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import type { RigKind } from '../rigs/chaos-rig.js';
import { growthOf, type Sample } from './flatness.js';
import { MEASURES, ProcessSamples } from './process-samples.js';

/** Messages to find the full speed by. */
const TRIAL = 5000;

/** Those that are not delayed are handled by then, as a part of all. */
const MOST = 0.85;

/** How many samples there are, and how often one is taken at the most, in milliseconds. */
const SAMPLES = 120;
const SAMPLE_EVERY_MS = 1000;

/** More than any run dispatches: it is the time that ends it. */
const ENDLESS = 100_000_000;

/** How often to look whether all is over, in milliseconds. */
const LOOK_EVERY_MS = 300;

/** What a soak came to. */
export interface SoakOutcome {
  /** Messages in a second. */
  readonly fullSpeed: number;
  readonly accepted: number;
  readonly handled: number;
  /** The ids of what is left in queues. */
  readonly waiting: readonly string[];
  /** How many messages are in the failure transport. */
  readonly failed: number;
  /** How many of those that were accepted fail always. */
  readonly poison: number;
  /** By how much each measure grew once all was warm, such as `worker heap`. Memory in megabytes. */
  readonly growth: Readonly<Record<string, number>>;
  /** What each measure was at the end. */
  readonly last: Readonly<Record<string, number>>;
}

/** Lets a producer and a worker work at half of their full speed for so long, in milliseconds, and measures them. */
export async function soakRun(kind: RigKind, ms: number, lifetime: Lifetime): Promise<SoakOutcome> {
  const run = await ChaosRun.start(kind, { rig: { proxied: kind.transport !== 'sqlite' } }, lifetime);
  const everyMs = Math.max(SAMPLE_EVERY_MS, ms / SAMPLES);
  const env = { [HEAP_REPORTS_VARIABLE]: String(everyMs / 2) };
  const worker = await run.worker({ receivers: ['async'], args: ['--concurrency=10'], env });
  const fullSpeed = await speedOf(run);
  const args = [run.id, String(TRIAL + 1), String(Math.max(1, Math.floor(fullSpeed / 2))), String(ENDLESS)];
  const producer = run.spawn('steady-producer.js', args, env);
  const processes = { worker: new ProcessSamples(worker), producer: new ProcessSamples(producer) };
  const connections: Sample[] = [];
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt) {
    await sleep(everyMs);
    Object.values(processes).forEach((samples) => samples.take());
    connections.push({ at: performance.now(), value: run.rig.proxy?.connections ?? 0 });
  }
  producer.kill('SIGTERM');
  await producer.exited();
  await drained(run);
  await run.stop();
  const series = new Map<string, readonly Sample[]>([['connections', connections]]);
  for (const [name, samples] of Object.entries(processes)) {
    MEASURES.forEach((measure) => series.set(`${name} ${measure}`, samples.of(measure)));
  }
  const { waiting, failed } = await run.leftovers();
  return {
    fullSpeed: Math.round(fullSpeed),
    ...countsIn(run.folder),
    waiting,
    failed: new Set(failed).size,
    growth: each(series, growthOf),
    last: each(series, (samples) => samples.at(-1)?.value ?? Number.NaN),
  };
}

/** How many messages of the mixture are sent and handled in a second if nothing holds them back. */
async function speedOf(run: ChaosRun): Promise<number> {
  const producer = run.spawn('steady-producer.js', [run.id, '1', '0', String(TRIAL)]);
  await producer.exited();
  await drained(run);
  const effects = run.effects();
  const most = Math.floor(effects.length * MOST);
  const ms = (effects[most]?.at ?? 0) - (effects[0]?.at ?? 0);
  return (most * 1000) / ms;
}

/** Resolves when nothing waits, whether delayed or not. */
async function drained(run: ChaosRun): Promise<void> {
  const isEmpty = async (): Promise<boolean> => {
    await sleep(LOOK_EVERY_MS);
    return run.isDrained();
  };
  await until('the queues were empty', isEmpty, 2 * CHAOS_DEADLINE_MS);
}

/** Counts where the ledger is, which is too large to be read after half an hour. */
function countsIn(folder: string): Pick<SoakOutcome, 'accepted' | 'handled' | 'poison'> {
  const database = loadSqliteDriver('soak').open(join(folder, 'ledger.db'));
  const count = (list: string, what: string, more = ''): number => {
    const sql = `SELECT COUNT(DISTINCT details ->> '$.id') AS n FROM ledger WHERE list = ? AND details ->> '$.what' = ?${more}`;
    return (database.prepare(sql).all(list, what) as ReadonlyArray<{ readonly n: number }>)[0]?.n ?? 0;
  };
  try {
    return {
      accepted: count('dispatches', 'accepted'),
      handled: count('handlings', 'effect'),
      poison: count('dispatches', 'accepted', " AND details ->> '$.type' = 'Poison'"),
    };
  } finally {
    database.close();
  }
}

function each(
  series: ReadonlyMap<string, readonly Sample[]>,
  valueOf: (samples: readonly Sample[]) => number,
): Readonly<Record<string, number>> {
  const entries = [...series].map(
    ([name, samples]) => [name, Math.round(valueOf(samples) * 10) / 10] as const,
  );
  return Object.fromEntries(entries);
}
