import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../envelope/clock.js';
import type { MessengerLogger } from '../event/logger.js';
import type { NamedInboxStore } from '../inbox/inboxes.js';
import { isSignalAware } from '../transport/capabilities.js';
import type { BackgroundTask } from './background-task.js';

/** How often a store is looked after, by whichever process comes first, in milliseconds. */
const INTERVAL_MS = 60_000;

/** A worker may live for a few seconds only; but one that starts has more urgent things to do. */
const FIRST_AFTER_MS = 1_000;

/** Between two batches, so that a large backlog neither blocks this process nor those that write to the store. */
const PAUSE_MS = 20;

/** The signal by which processes tell each other that one of them has begun to prune. */
const SIGNAL = 'inbox-pruned';

/** What {@link InboxPruner} needs. */
export interface InboxPrunerParts {
  readonly stores: readonly NamedInboxStore[];
  /** Milliseconds that an entry is kept. */
  readonly retention: number;
  readonly clock: Clock;
  readonly logger: MessengerLogger;
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number;
  /** Resolves with `true` after `ms` milliseconds, and with `false` as soon as `signal` fires. @default by the timers of Node.js */
  readonly passes?: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

/** Forgets the old entries of inboxes while at least one worker of this process runs. */
export class InboxPruner implements BackgroundTask {
  readonly #parts: InboxPrunerParts;
  readonly #passes: (ms: number, signal: AbortSignal) => Promise<boolean>;
  #workers = 0;
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: InboxPrunerParts) {
    this.#parts = parts;
    this.#passes = parts.passes ?? passes;
  }

  /** What it has still to forget keeps no worker from ending. */
  get isIdle(): boolean {
    return true;
  }

  start(): void {
    this.#workers += 1;
    if (this.#workers === 1 && this.#parts.stores.length > 0) {
      const before = this.#running;
      this.#stopping = new AbortController();
      const { signal } = this.#stopping;
      this.#running = before.then(() => this.#run(signal));
    }
  }

  async stop(): Promise<void> {
    this.#workers -= 1;
    if (this.#workers === 0) {
      this.#stopping.abort();
      await this.#running;
    }
  }

  /** Prunes every store once, in batches, unless another process has just done so. Never rejects. */
  async prune(signal: AbortSignal): Promise<void> {
    for (const store of this.#parts.stores) {
      try {
        if (await this.#takeTurn(store)) {
          await this.#pruneStore(store, signal);
        }
      } catch (error) {
        const text = `Could not remove old entries from the inbox of transport "${store.name}".`;
        this.#parts.logger.log('warn', text, { error });
      }
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const random = this.#parts.random ?? Math.random;
    let wait = FIRST_AFTER_MS * (1 + random());
    while (await this.#passes(wait, signal)) {
      await this.prune(signal);
      wait = INTERVAL_MS * (0.9 + 0.2 * random());
    }
  }

  /** Two processes that ask in the same moment may both get it, which does no harm. */
  async #takeTurn({ transport }: NamedInboxStore): Promise<boolean> {
    if (!isSignalAware(transport)) {
      return true;
    }
    const last = await transport.readSignal(SIGNAL);
    if (last !== undefined && Math.abs(this.#parts.clock.now() - last) < INTERVAL_MS * 0.8) {
      return false;
    }
    await transport.writeSignal(SIGNAL);
    return true;
  }

  async #pruneStore({ name, transport }: NamedInboxStore, signal: AbortSignal): Promise<void> {
    const { clock, retention, logger } = this.#parts;
    const before = clock.now() - retention;
    let total = 0;
    let batch: number;
    do {
      batch = signal.aborted ? 0 : await transport.inbox.prune(before);
      total += batch;
    } while (batch > 0 && (await this.#passes(PAUSE_MS, signal)));
    if (total > 0) {
      logger.log('debug', `Removed ${total} old entries from the inbox of transport "${name}".`);
    }
  }
}

async function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
