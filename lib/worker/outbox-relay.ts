import type { Clock } from '../envelope/clock.js';
import type { Envelope } from '../envelope/envelope.js';
import type { MessengerLogger } from '../event/logger.js';
import type { FailureHandler } from '../failure/failure-handler.js';
import type { Outbox } from '../transport/outboxes.js';
import type { Sender } from '../transport/transport.js';
import type { BackgroundTask, TaskListener } from './background-task.js';
import { ClaimedMessages } from './claimed-messages.js';
import { isSettledWithin } from './is-settled-within.js';
import { isRefusal, OutboxForwarder } from './outbox-forwarder.js';
import { Outage } from './outage.js';

/** What an {@link OutboxRelay} needs. */
export interface OutboxRelayOptions extends TaskListener {
  readonly outbox: Outbox;
  readonly target: Sender;
  readonly failureHandler: FailureHandler;
  readonly clock: Clock;
  readonly logger: MessengerLogger;
}

/** Messages forwarded with one call, and so the most that a crash can double. */
const BATCH = 200;

/** Messages claimed at a time while each is sent by itself, after a call that failed. */
const CAREFUL_BATCH = 20;

/** How long the outbox is asked to wait, in milliseconds: each wait that ends costs a little. */
const WAIT_MS = 5000;

/** The pause between two looks into an outbox that cannot wait. */
const POLL_MS = 1000;

/**
 * Forwards what is in one outbox to the transport it is bound for, in the order in which it was stored:
 *
 * 1. claim the oldest messages: while one relay has any, no other gets any;
 * 2. see that the claim still holds;
 * 3. send them to the target, and wait until it has confirmed them;
 * 4. only then take them off the outbox, which fails for a claim that was lost.
 *
 * A crash between 3 and 4 leaves them in both, so they are forwarded again under the same `MessageIdStamp`; never lost, and
 * never in another order: whoever takes over begins with the oldest message that was not taken off. If the target cannot be
 * reached, what was claimed is given back, for another relay may reach it, and this one pauses.
 */
export class OutboxRelay implements BackgroundTask {
  readonly #options: OutboxRelayOptions;
  readonly #forwarder: OutboxForwarder;
  readonly #name: string;
  readonly #stopping = new AbortController();
  readonly #storeOutage: Outage;
  readonly #targetOutage: Outage;
  /** The last call failed: send one by one until all of one round got through. */
  #isCareful = false;
  #isKnownEmpty = false;
  #running: Promise<void> | undefined;

  constructor(options: OutboxRelayOptions) {
    const { outbox, clock, logger } = options;
    this.#options = options;
    this.#forwarder = new OutboxForwarder({
      ...options,
      onStored: () => options.onStored(outbox.targetName),
    });
    this.#name = `The outbox of transport "${outbox.targetName}" in "${outbox.storeName}"`;
    this.#storeOutage = new Outage(clock, logger);
    this.#targetOutage = new Outage(clock, logger);
  }

  get isIdle(): boolean {
    return this.#isKnownEmpty;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(grace: number): Promise<void> {
    this.#stopping.abort();
    if (this.#running !== undefined && !(await isSettledWithin(grace, this.#running))) {
      const text = `${this.#name} did not finish forwarding within ${grace} ms; what it has sent may be sent again.`;
      this.#options.logger.log('error', text);
    }
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (!this.#isStopping) {
      let pause: number;
      try {
        pause = await this.#round();
      } catch (error) {
        this.#isKnownEmpty = false;
        pause = this.#storeOutage.failed(`${this.#name} cannot be read; trying again until it can.`, error);
      }
      await this.#pause(pause);
    }
  }

  /** Forwards what there is, if anything. @returns the pause before the next round, in milliseconds. */
  async #round(): Promise<number> {
    const { clock } = this.#options;
    const claimedSince = clock.now();
    const envelopes = await this.#claim();
    this.#storeOutage.ended(`${this.#name} can be read again.`);
    if (envelopes.length > 0) {
      return this.#forward(envelopes, claimedSince);
    }
    return this.#isKnownEmpty || this.#isStopping ? 0 : this.#noticeEmpty();
  }

  /** Asks first, and only then waits: what answers at once with nothing is known to be empty. */
  async #claim(): Promise<readonly Envelope[]> {
    const { outbox, clock } = this.#options;
    const { signal } = this.#stopping;
    const max = this.#isCareful ? CAREFUL_BATCH : BATCH;
    if (!this.#isKnownEmpty) {
      return outbox.queue.get({ max, signal });
    }
    const startedAt = clock.now();
    const envelopes = await outbox.queue.get({ max, wait: WAIT_MS, signal });
    this.#isKnownEmpty = envelopes.length === 0;
    if (this.#isKnownEmpty) {
      // Back before its time: an outbox that cannot wait.
      await this.#pause(Math.min(WAIT_MS, POLL_MS) - (clock.now() - startedAt));
    }
    return envelopes;
  }

  #noticeEmpty(): number {
    this.#isKnownEmpty = true;
    this.#options.onIdle();
    return 0;
  }

  async #forward(envelopes: readonly Envelope[], claimedSince: number): Promise<number> {
    const { outbox, clock, logger } = this.#options;
    const claimed = new ClaimedMessages(outbox.queue, envelopes, claimedSince, clock);
    const confirmed: Envelope[] = [];
    claimed.startRenewing();
    try {
      // What was not sent when the worker stops is given back.
      const pause = this.#isStopping ? 0 : await this.#send(claimed, confirmed);
      if (!(await this.#settle(claimed, confirmed))) {
        logger.log('warn', `${this.#name} was taken over by another relay, since this one was held up.`);
      }
      await claimed.release();
      return pause;
    } finally {
      await claimed.stopRenewing();
    }
  }

  /** Sends what is claimed, and notes what of it is confirmed. @returns the pause before the next round. */
  async #send(claimed: ClaimedMessages, confirmed: Envelope[]): Promise<number> {
    const { targetName } = this.#options.outbox;
    try {
      await (this.#isCareful
        ? this.#forwarder.sendEach(claimed, confirmed, () => this.#isStopping)
        : this.#forwarder.sendTogether(claimed, confirmed));
      this.#isCareful = false;
      this.#targetOutage.ended(`${this.#name} is forwarded again: transport "${targetName}" takes messages.`);
      return 0;
    } catch (error) {
      this.#isCareful = true;
      if (isRefusal(error)) {
        // One of them is to blame, and sending each by itself will tell which.
        return 0;
      }
      return this.#targetOutage.failed(
        `${this.#name} cannot be forwarded: transport "${targetName}" does not take its messages. They wait, in order, and are ` +
          'tried again until it does.',
        error,
      );
    }
  }

  /** Takes off what is confirmed, however long the store is out of reach: it would be sent twice. */
  async #settle(claimed: ClaimedMessages, confirmed: readonly Envelope[]): Promise<boolean> {
    for (;;) {
      try {
        const isHeld = await claimed.settle(confirmed);
        this.#storeOutage.ended(`${this.#name} can be written again.`);
        return isHeld;
      } catch (error) {
        const text = `${this.#name} cannot be written: ${confirmed.length} message(s) that were forwarded are still in it.`;
        const pause = this.#storeOutage.failed(text, error);
        if (this.#isStopping) {
          throw error;
        }
        await this.#pause(pause);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    if (ms < 1 || signal.aborted) {
      // A turn of the event loop in any case, so that the messages of the worker get theirs.
      return new Promise((resolve) => setImmediate(resolve));
    }
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#options.clock.setTimer(end, ms);
      signal.addEventListener('abort', end);
    });
  }
}
