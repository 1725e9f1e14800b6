import type { WorkerInfo } from '../event/worker-info.js';
import { isBlockable } from '../transport/capabilities.js';
import type { PollState } from './poll-record.js';
import type { ReceiverFeed } from './receiver-feed.js';

/** What a worker is about at a moment. */
export interface WorkerState {
  readonly info: WorkerInfo;
  /** The moment, in epoch milliseconds by the clock of the worker. */
  readonly now: number;
  /** Whether it was told to stop, or has stopped. */
  readonly isStopping: boolean;
  /** Messages being handled, those waiting in a batch included. */
  readonly inHand: number;
  /** Messages finished, failed ones included. */
  readonly processed: number;
  readonly failed: number;
  /** One for each transport, in order of priority. */
  readonly polls: readonly PollState[];
  /** Its transports that take no messages at present, and why. */
  readonly blocked: ReadonlyMap<string, string>;
}

/** What the feeds of a worker know of their transports. */
export function transportStates(feeds: readonly ReceiverFeed[]): Pick<WorkerState, 'polls' | 'blocked'> {
  const blocked = new Map<string, string>();
  for (const { name, receiver } of feeds) {
    const reason = isBlockable(receiver) ? receiver.blockedReason : undefined;
    if (reason !== undefined) {
      blocked.set(name, reason);
    }
  }
  return { polls: feeds.map(({ polls }) => polls.state), blocked };
}
