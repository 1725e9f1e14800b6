import { isRollKeeper, type WorkerRoll } from '../transport/capabilities.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import { readDescription, type WorkerDescription } from './worker-description.js';

/** A worker that is there, as it has last described itself. */
export interface PresentWorker extends WorkerDescription {
  /** Milliseconds since it said so, by the clock of the store it said it to. */
  readonly age: number;
}

/** The workers that are there, as far as is known. */
export interface Attendance {
  /** Those of one host together, the oldest first. */
  readonly workers: readonly PresentWorker[];
  /** What was thrown by rolls that could not be read. */
  readonly errors: readonly unknown[];
}

/** The rolls of an application: one in each place where its transports keep one. */
export class WorkerRolls {
  /** Those in which a worker enters itself. */
  readonly near: readonly WorkerRoll[];
  readonly #all: readonly WorkerRoll[];

  /** @param consumed the transports of the worker; all of them if left out. If none keeps a roll, those of the others are used. */
  constructor(transports: TransportRegistry, consumed: readonly string[] = transports.names()) {
    const rollsOf = (names: readonly string[]): readonly WorkerRoll[] => {
      const rolls = names
        .map((name) => transports.get(name))
        .filter(isRollKeeper)
        .map(({ roll }) => roll);
      return [...new Map(rolls.map((roll) => [roll.place, roll])).values()];
    };
    this.#all = rollsOf(transports.names());
    const near = rollsOf(consumed);
    this.near = near.length > 0 ? near : this.#all;
  }

  /** Whether there is a transport that keeps a roll. */
  get isAvailable(): boolean {
    return this.#all.length > 0;
  }

  /** Reads all rolls. Of a worker that is on several, the latest entry counts. Never rejects. */
  async attendance(): Promise<Attendance> {
    const outcomes = await Promise.allSettled(this.#all.map((roll) => roll.entries()));
    const workers = new Map<string, PresentWorker>();
    for (const outcome of outcomes) {
      for (const { details, age } of outcome.status === 'fulfilled' ? outcome.value : []) {
        const described = readDescription(details);
        if (described !== undefined && described.saidAt >= (workers.get(described.id)?.saidAt ?? 0)) {
          workers.set(described.id, { ...described, age });
        }
      }
    }
    return {
      workers: [...workers.values()].sort(byHostAndAge),
      errors: outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
      ),
    };
  }
}

function byHostAndAge(a: PresentWorker, b: PresentWorker): number {
  return a.host === b.host ? a.startedAt - b.startedAt : a.host < b.host ? -1 : 1;
}
