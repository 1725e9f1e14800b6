/** What a producer was told, or has yet to be told, about a message. */
export interface DispatchRow {
  /** Where it stands in the ledger: the order in which all processes wrote. */
  readonly n: number;
  /** `attempted` before `dispatch` was called, one of the others after it settled. */
  readonly what: 'attempted' | 'accepted' | 'refused';
  readonly id: string;
  /** Messages of one key are to be handled in the order of their sequences. */
  readonly key: string;
  readonly sequence: number;
  readonly type: string;
  /** In epoch milliseconds. */
  readonly dueAt: number;
  /** Of a refused one: the error was a `MaybeSentError`. */
  readonly maybeSent: boolean;
  readonly pid: number;
  /** In epoch milliseconds. */
  readonly at: number;
}

/** A step of a handler. */
export interface HandlingRow {
  readonly n: number;
  /** `started` when the handler was called, `effect` when its work was done. */
  readonly what: 'started' | 'effect';
  readonly id: string;
  /** That of the `MessageIdStamp`. */
  readonly messageId: string;
  /** 1 on the first try. */
  readonly attempt: number;
  /** By the transport's count; 1 if it has not been delivered before. */
  readonly deliveries: number;
  readonly handler: string;
  readonly pid: number;
  readonly at: number;
}

/** A step of a settlement, as the wrapper of the transport sees it. */
export interface SettlementRow {
  readonly n: number;
  /** `settling` before the transport was asked, `settled` when it had answered. */
  readonly what: 'settling' | 'settled';
  readonly how: 'ack' | 'reject' | 'requeue' | 'release';
  readonly id: string;
  readonly transport: string;
  /** The transport answered that the message was no longer this process's. */
  readonly lost: boolean;
  readonly pid: number;
  readonly at: number;
}

/** A failpoint that did what it was armed for. Written before it does. */
export interface FiredRow {
  readonly n: number;
  readonly point: string;
  readonly action: string;
  /** Of the messages that were passing. */
  readonly ids: readonly string[];
  readonly pid: number;
  readonly at: number;
}

/** Something that a handler, or the application, has to say, such as that a signal was aborted. */
export interface NoteRow {
  readonly n: number;
  readonly what: string;
  readonly id: string;
  readonly pid: number;
  readonly at: number;
}

/** A process could do nothing until now: it was stopped, or its machine was too busy. */
export interface StandstillRow {
  readonly n: number;
  /** In epoch milliseconds. */
  readonly from: number;
  readonly pid: number;
  readonly at: number;
}

/** All that was written in a run, each list in the order in which it was written. */
export interface History {
  readonly dispatches: readonly DispatchRow[];
  readonly handlings: readonly HandlingRow[];
  readonly settlements: readonly SettlementRow[];
  readonly fired: readonly FiredRow[];
  readonly notes: readonly NoteRow[];
  readonly standstills: readonly StandstillRow[];
}

/** A time in epoch milliseconds. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** What was done to processes and to the broker from outside. Times in epoch milliseconds. */
export interface Interruptions {
  /** When each process was killed that was, by its id. What failpoints did is in the ledger. */
  readonly killedAt?: ReadonlyMap<number, number>;
  /** When each process was stopped, and continued. */
  readonly pauses?: ReadonlyArray<Interval & { readonly pid: number }>;
  /** When the broker, or the way to it, was away. */
  readonly outages?: readonly Interval[];
  /**
   * For a broker that does not answer settlements: how long one may still be on its way after the transport confirmed it, and
   * how long a process may not know that its connection is gone, in milliseconds. @default 0
   */
  readonly settlingMs?: number;
  /**
   * Whether the copy of a failed message is stored first, and its original settled after that: while the broker goes away nobody knows
   * whether there is a copy, and the original stays. @default false
   */
  readonly copiesFirst?: boolean;
}

/** The ids of what is left when all is over. */
export interface Leftovers {
  /** In failure transports. */
  readonly failed: readonly string[];
  /** In queues and outboxes, whatever their state. */
  readonly waiting: readonly string[];
}
