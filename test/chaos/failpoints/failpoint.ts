/** The places where a process of the chaos application can be made to fail. Around the library, not in it. */
export const FAILPOINTS = [
  /** A handler was called, and has done nothing. */
  'before-handle',
  /** A handler has written its effect, and not returned. */
  'after-handle',
  /** The batch handler has settled the first half of its batch, and done nothing for the rest. */
  'mid-batch',
  /** The worker asks the transport to acknowledge. */
  'before-ack',
  'after-ack',
  /** The copy of a failed message is stored elsewhere, and its original is about to be settled. */
  'after-retry-send-before-ack',
  /** A copy is about to take the place of its original in one step. */
  'before-requeue',
  'after-requeue',
  /** The worker is about to prolong its leases. */
  'keepalive',
  /** Any sending, but that of a relay. */
  'before-send',
  'after-send',
  /** The producer has stored the message in its transaction, and not committed. */
  'before-commit',
  /** The producer has committed. */
  'after-outbox-commit',
  /** A relay has claimed messages, and sent none. */
  'relay-before-send',
  /** The target has the first half of what the relay has claimed. */
  'relay-mid-batch',
  /** The target has confirmed all of it, and none is taken off the outbox. */
  'relay-before-settle',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/**
 * What happens there: `kill` ends the process at once (SIGKILL), `pause` stops it until it is continued (SIGSTOP), `hang` never
 * goes on although the process does, `throw` throws an {@link InjectedError}, `delay` goes on after `ms`.
 */
export const FAILPOINT_ACTIONS = ['kill', 'pause', 'hang', 'throw', 'delay'] as const;

export type FailpointAction = (typeof FAILPOINT_ACTIONS)[number];

/** A failpoint that shall act. */
export interface ArmedFailpoint {
  readonly at: Failpoint;
  readonly action: FailpointAction;
  /** At which passage; every later one is let through. @default 1 */
  readonly passage?: number;
  /** At that passage and every later one. @default false */
  readonly always?: boolean;
  /** Only passages of the message of this id count. @default any */
  readonly id?: string;
  /** Only passages at this transport count. @default any */
  readonly transport?: string;
  /** For `delay`, in milliseconds. @default 0 */
  readonly ms?: number;
}

/** Who passes. */
export interface Passage {
  /** Of the messages. */
  readonly ids: readonly string[];
  readonly transport?: string;
}
