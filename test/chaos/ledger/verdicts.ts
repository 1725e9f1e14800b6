import type { HandlingRow, SettlementRow } from './history.js';

/** What is wrong with a run. Every list is empty in one that went well. */
export interface Verdicts {
  /** The ids of accepted messages that had no effect, and are nowhere. */
  readonly lost: readonly string[];
  /** The ids of accepted messages that had no effect, and are left in a queue although they were due. */
  readonly stuck: readonly string[];
  /** Effects that no interruption explains: the message had its effect by that handler before. */
  readonly duplicated: readonly HandlingRow[];
  /** First effects that came after one of the same key with a higher sequence. */
  readonly reordered: readonly HandlingRow[];
  /** Effects of messages that nobody dispatched, or that were refused for sure. */
  readonly phantom: readonly HandlingRow[];
  /** Acknowledgements that were asked for before the message had had its effect. */
  readonly acknowledgedEarly: readonly SettlementRow[];
  /** Effects that came before their message was due. */
  readonly early: readonly HandlingRow[];
  /** Effects of a message under another `MessageIdStamp` than its first. */
  readonly renamed: readonly HandlingRow[];
}

/** What a run promises, beyond what every run does. */
export interface Promises {
  /** The messages of a key have their first effects in the order of their sequences. @default false */
  readonly isOrdered?: boolean;
  /**
   * How many more effects a message may have because the process of a relay was killed from outside, which may then forward it
   * again. What a relay's failpoints do is in the ledger. @default 0
   */
  readonly relayKills?: number;
  /** Handlers whose effects come once, whatever is interrupted. @default none */
  readonly exactlyOnce?: readonly string[];
  /** How early an effect may be, for the clocks of two machines, in milliseconds. @default 5 */
  readonly clockSkewMs?: number;
  /** When the run ended: what was to be due before, and is still in a queue, is stuck. In epoch milliseconds. @default now */
  readonly endedAt?: number;
}

/** The verdicts as numbers, to compare with {@link NO_FAULT}. */
export function faultsIn(verdicts: Verdicts): Readonly<Record<keyof Verdicts, number>> {
  const counts = Object.entries(verdicts).map(([name, found]) => [
    name,
    (found as readonly unknown[]).length,
  ]);
  return Object.fromEntries(counts) as Record<keyof Verdicts, number>;
}

/** What {@link faultsIn} returns for a run that went well. */
export const NO_FAULT: Readonly<Record<keyof Verdicts, number>> = {
  lost: 0,
  stuck: 0,
  duplicated: 0,
  reordered: 0,
  phantom: 0,
  acknowledgedEarly: 0,
  early: 0,
  renamed: 0,
};
