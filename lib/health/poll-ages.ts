import type { PresentWorker } from '../worker/worker-rolls.js';
import type { WorkerState } from '../worker/worker-state.js';

/** When workers last asked their transports for messages. */
export interface PollAges {
  /** Milliseconds ago, by the name of the transport. */
  readonly of: ReadonlyMap<string, number>;
  /** Why there may be workers that are not known: what was thrown when a list of them was read. */
  readonly trouble: unknown;
}

/** From the workers of this process, and from what all that are listed say of themselves. */
export function pollAges(here: readonly WorkerState[], listed: readonly PresentWorker[]): PollAges['of'] {
  const ages = new Map<string, number>();
  const note = (transportName: string, age: number): void => {
    const best = ages.get(transportName) ?? Number.POSITIVE_INFINITY;
    ages.set(transportName, Math.max(0, Math.min(best, age)));
  };
  for (const { info, now, inHand, polls } of here.filter(({ isStopping }) => !isStopping)) {
    for (const { transportName, answeredAt } of polls) {
      const isBusy = inHand >= info.concurrency;
      if (isBusy || answeredAt !== undefined) {
        note(transportName, isBusy ? 0 : now - (answeredAt ?? now));
      }
    }
  }
  for (const { age, saidAt, inHand, concurrency, polledAt } of listed.filter(
    ({ isStopping }) => !isStopping,
  )) {
    for (const [transportName, at] of Object.entries(polledAt)) {
      const isBusy = inHand >= concurrency;
      if (isBusy || at !== null) {
        note(transportName, isBusy ? age : saidAt - (at ?? saidAt) + age);
      }
    }
  }
  return ages;
}
