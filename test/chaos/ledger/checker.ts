import type {
  DispatchRow,
  HandlingRow,
  History,
  Interruptions,
  Leftovers,
  SettlementRow,
} from './history.js';
import { Excuses } from './excuses.js';
import { type Run, runsIn } from './runs.js';
import type { Promises, Verdicts } from './verdicts.js';

/** What a run left behind, and what was done to it. */
export interface Evidence {
  readonly history: History;
  readonly interruptions?: Interruptions;
  readonly leftovers?: Leftovers;
  readonly promises?: Promises;
}

/**
 * Judges a run by its ledger alone.
 *
 * At least once is promised to everything that was accepted. A second effect is explained by a run of the same message that began
 * before, and of which nobody can be sure that it was settled, because its process was killed or stopped or the broker was away;
 * or that failed although it had its effect, or although its copy was stored: one more effect for each.
 */
export function judge({ history, interruptions = {}, leftovers, promises = {} }: Evidence): Verdicts {
  const { failed = [], waiting = [] } = leftovers ?? {};
  const effects = history.handlings.filter(({ what }) => what === 'effect');
  const accepted = history.dispatches.filter(({ what }) => what === 'accepted');
  const excuses = new Excuses(history, interruptions);
  return {
    ...unhandled(accepted, effects, new Set(failed), new Set(waiting), promises.endedAt ?? Date.now()),
    duplicated: duplicatedIn(effects, runsIn(history), excuses, promises),
    reordered: promises.isOrdered === true ? reorderedIn(firstOf(effects), history.dispatches) : [],
    phantom: phantomIn(effects, history.dispatches),
    acknowledgedEarly: acknowledgedEarlyIn(history.settlements, effects),
    early: earlyIn(effects, accepted, promises.clockSkewMs ?? 5),
    renamed: renamedIn(effects),
  };
}

function unhandled(
  accepted: readonly DispatchRow[],
  effects: readonly HandlingRow[],
  failed: ReadonlySet<string>,
  waiting: ReadonlySet<string>,
  endedAt: number,
): Pick<Verdicts, 'lost' | 'stuck'> {
  const handled = new Set(effects.map(({ id }) => id));
  const open = accepted.filter(({ id }) => !handled.has(id) && !failed.has(id));
  return {
    lost: open.filter(({ id }) => !waiting.has(id)).map(({ id }) => id),
    stuck: open.filter(({ id, dueAt }) => waiting.has(id) && dueAt <= endedAt).map(({ id }) => id),
  };
}

function duplicatedIn(
  effects: readonly HandlingRow[],
  runs: readonly Run[],
  excuses: Excuses,
  { exactlyOnce = [], relayKills = 0 }: Promises,
): readonly HandlingRow[] {
  const seen = new Map<string, HandlingRow[]>();
  return effects.filter((effect) => {
    const key = `${effect.handler} ${effect.id}`;
    const all = [...(seen.get(key) ?? []), effect];
    seen.set(key, all);
    return (
      all.length > 1 &&
      (exactlyOnce.includes(effect.handler) ||
        all.length - 1 > repeatsExplained(all, runs, excuses) + relayKills)
    );
  });
}

/** How many effects of a message there may be beyond the first, given those there are. */
function repeatsExplained(effects: readonly HandlingRow[], runs: readonly Run[], excuses: Excuses): number {
  const ofMessage = runs.filter(({ id }) => id === effects[0]?.id);
  const last = Math.max(
    ...ofMessage.filter(({ effect }) => effect !== undefined && effects.includes(effect)).map(({ n }) => n),
  );
  const relevant = ofMessage.filter((run) => run.n < last || (run.n === last && isLate(run, ofMessage)));
  const explained = relevant.reduce((sum, run) => sum + excuses.repeatsAfter(run), 0);
  return explained + excuses.forwardedAgain(effects[0]?.id ?? '');
}

/** Whether it was delivered before another run, and began after that: its process was stopped in between. */
function isLate(run: Run, all: readonly Run[]): boolean {
  return all.some(
    ({ n, attempt, deliveries }) => n < run.n && attempt === run.attempt && deliveries > run.deliveries,
  );
}

/** The first effect of each message by each handler. */
function firstOf(effects: readonly HandlingRow[]): readonly HandlingRow[] {
  const seen = new Set<string>();
  return effects.filter(({ handler, id }) => seen.size !== seen.add(`${handler} ${id}`).size);
}

function reorderedIn(
  effects: readonly HandlingRow[],
  dispatches: readonly DispatchRow[],
): readonly HandlingRow[] {
  const dispatched = new Map(dispatches.map((row) => [row.id, row]));
  const highest = new Map<string, number>();
  return effects.filter(({ id, handler }) => {
    const { key = '', sequence = 0 } = dispatched.get(id) ?? {};
    const line = `${handler} ${key}`;
    const before = highest.get(line) ?? Number.NEGATIVE_INFINITY;
    highest.set(line, Math.max(before, sequence));
    return sequence < before;
  });
}

/** A message that was refused, but may have been sent all the same, is none; nor is one whose producer was killed meanwhile. */
function phantomIn(
  effects: readonly HandlingRow[],
  dispatches: readonly DispatchRow[],
): readonly HandlingRow[] {
  const known = new Set(dispatches.map(({ id }) => id));
  const refused = new Set(
    dispatches.filter(({ what, maybeSent }) => what === 'refused' && !maybeSent).map(({ id }) => id),
  );
  return effects.filter(({ id }) => !known.has(id) || refused.has(id));
}

function acknowledgedEarlyIn(
  settlements: readonly SettlementRow[],
  effects: readonly HandlingRow[],
): readonly SettlementRow[] {
  const firstEffect = new Map<string, number>();
  effects.forEach(({ id, n }) => firstEffect.set(id, Math.min(n, firstEffect.get(id) ?? n)));
  return settlements
    .filter(({ what, how }) => what === 'settling' && how === 'ack')
    .filter(({ id, n }) => (firstEffect.get(id) ?? Number.POSITIVE_INFINITY) > n);
}

function earlyIn(
  effects: readonly HandlingRow[],
  accepted: readonly DispatchRow[],
  skew: number,
): readonly HandlingRow[] {
  const dueAt = new Map(accepted.map((row) => [row.id, row.dueAt]));
  return effects.filter(({ id, at }) => at < (dueAt.get(id) ?? 0) - skew);
}

function renamedIn(effects: readonly HandlingRow[]): readonly HandlingRow[] {
  const names = new Map<string, string>();
  return effects.filter(({ id, messageId }) => {
    const first = names.get(id) ?? messageId;
    names.set(id, first);
    return first !== messageId;
  });
}
