import type { ServerArrivals } from './server.arrivals.js';
import type { ServerLook, ServerRows } from './server.dialect.js';
import type { ServerSession } from './server.pool.js';

/** The part of a `ServerTable` that is needed for a look. */
export interface TableInSight {
  readonly database: { readonly arrivals: ServerArrivals };
  run<T>(work: (session: ServerSession, rows: ServerRows) => Promise<T>): Promise<T>;
}

/** When there will be something to claim from a queue, as far as is known. Times by `performance.now()`. */
export interface Outlook {
  /** When it was asked for. */
  readonly at: number;
  /** When the first row is due or free again; infinity if nobody knows of one. */
  readonly dueAt: number;
}

interface KnownOutlook extends Outlook {
  /** What {@link ServerArrivals.versionOf} was when it was asked for: it is out of date once something else was announced. */
  readonly version: number;
}

/** A look that is under way. */
interface RunningLook {
  readonly versions: ReadonlyMap<string, number>;
  readonly done: Promise<void>;
}

/** A look that is younger than it should be by no more than this is old enough, in milliseconds: timers are not exact. */
const TOLERANCE_MS = 20;

/**
 * Asks when there is something in the queues of a table, for all transports of the process that wait there, with one statement that
 * asks for the signals too. So a process at rest sends one now and then, however many transports it has.
 */
export class ServerLooks {
  readonly #onSignals: (signals: ServerLook['signals'], began: number) => void;
  readonly #known = new Map<string, KnownOutlook>();
  /** The queues that somebody waits for. */
  readonly #queues = new Map<string, string>();
  #running: RunningLook | undefined;

  /** @param onSignals told of what was read, and when the reading began. */
  constructor(onSignals: (signals: ServerLook['signals'], began: number) => void) {
    this.#onSignals = onSignals;
  }

  /**
   * What is to be expected in a queue, asked for now unless it was within the last `maxAge` milliseconds.
   *
   * @param address of the queue among the arrivals of the database.
   * @throws TransportError
   */
  async outlook(table: TableInSight, queue: string, address: string, maxAge: number): Promise<Outlook> {
    this.#queues.set(queue, address);
    for (;;) {
      const known = this.#known.get(queue);
      const now = performance.now();
      const { arrivals } = table.database;
      const version = arrivals.versionOf(address);
      // One that says "now" is used up by whoever acted on it.
      const isFresh = known !== undefined && now - known.at < maxAge - TOLERANCE_MS && known.dueAt > now;
      if (isFresh && known.version === version) {
        return known;
      }
      if (this.#running?.versions.get(queue) === version) {
        await this.#running.done;
      } else {
        await this.#look(table);
      }
      const latest = this.#known.get(queue);
      if (latest?.version === version) {
        return latest;
      }
    }
  }

  /** What is known of a queue is out of date: somebody here has claimed some of it. */
  forget(queue: string): void {
    this.#known.delete(queue);
  }

  async #look(table: TableInSight): Promise<void> {
    const { arrivals } = table.database;
    const versions = new Map(
      [...this.#queues].map(([queue, address]) => [queue, arrivals.versionOf(address)]),
    );
    const began = performance.now();
    const queues = [...versions.keys()];
    const done = table
      .run((session, rows) => lookAt(session, rows, queues))
      .then(({ outlooks, signals }) => {
        const at = performance.now();
        for (const [queue, version] of versions) {
          const dueIn = outlooks.get(queue) ?? Number.POSITIVE_INFINITY;
          this.#known.set(queue, { at: began, dueAt: at + dueIn, version });
        }
        this.#onSignals(signals, began);
      });
    const running = { versions, done };
    this.#running = running;
    try {
      await done;
    } finally {
      this.#running = this.#running === running ? undefined : this.#running;
    }
  }
}

async function lookAt(
  session: ServerSession,
  rows: ServerRows,
  queues: readonly string[],
): Promise<ServerLook> {
  if (rows.look !== undefined) {
    return rows.look(session, queues);
  }
  const outlooks = new Map<string, number>();
  for (const queue of queues) {
    const dueIn = await rows.outlook(session, queue);
    if (dueIn !== undefined) {
      outlooks.set(queue, dueIn);
    }
  }
  return { outlooks, signals: await rows.readSignals(session) };
}
