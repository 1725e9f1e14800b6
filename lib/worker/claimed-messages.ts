import type { Clock } from '../envelope/clock.js';
import type { Envelope } from '../envelope/envelope.js';
import { isKeepaliveAware, isReleasable } from '../transport/capabilities.js';
import type { OutboxQueue } from '../transport/capabilities.js';

/**
 * Messages that a relay has claimed from an outbox and not settled yet, and whether the claim still holds. As long as it does
 * no other relay has any message of the outbox.
 */
export class ClaimedMessages {
  readonly #queue: OutboxQueue;
  readonly #clock: Clock;
  readonly #all: readonly Envelope[];
  /** Settled, or being settled. */
  readonly #settled = new Set<Envelope>();
  /** The claim holds for a lease from here at least. Taken before each call, since this process may be stopped in one. */
  #heldSince: number;
  #isLost = false;
  #renewal: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  /** @param claimedSince when the claim was asked for, as an epoch in milliseconds. */
  constructor(queue: OutboxQueue, envelopes: readonly Envelope[], claimedSince: number, clock: Clock) {
    this.#queue = queue;
    this.#all = envelopes;
    this.#heldSince = claimedSince;
    this.#clock = clock;
  }

  /** What is not settled yet, in order. */
  get left(): readonly Envelope[] {
    return this.#all.filter((envelope) => !this.#settled.has(envelope));
  }

  /** Prolongs the claim from time to time, until {@link stopRenewing}. */
  startRenewing(): void {
    if (isKeepaliveAware(this.#queue)) {
      this.#renewal = setInterval(() => {
        // A renewal that fails is made up for by the next look: see isHeld().
        this.#renewing = this.#renewing.then(() => this.#renew()).catch(() => undefined);
      }, this.#queue.leaseDuration / 3);
    }
  }

  async stopRenewing(): Promise<void> {
    clearInterval(this.#renewal);
    await this.#renewing;
  }

  /**
   * Whether this relay may forward. To be asked right before: a process that was stopped for longer than the lease has lost
   * its claim without having noticed. `false` also if the store cannot be asked.
   */
  async isHeld(): Promise<boolean> {
    if (!this.#isLost && isKeepaliveAware(this.#queue)) {
      const age = this.#clock.now() - this.#heldSince;
      if (age < 0 || age >= this.#queue.leaseDuration / 2) {
        try {
          await this.#renew();
        } catch {
          return false;
        }
      }
    }
    return !this.#isLost;
  }

  /**
   * Takes messages off the outbox. Resolves with whether the claim still held.
   *
   * @throws TransportError when the store cannot be reached.
   */
  async settle(envelopes: readonly Envelope[]): Promise<boolean> {
    this.forget(envelopes);
    try {
      const result = envelopes.length === 0 ? undefined : await this.#queue.ack(envelopes);
      this.#isLost ||= result !== undefined && result.lost.length > 0;
      return !this.#isLost;
    } catch (error) {
      envelopes.forEach((envelope) => this.#settled.delete(envelope));
      throw error;
    }
  }

  /** Notes that these are settled. */
  forget(envelopes: readonly Envelope[]): void {
    envelopes.forEach((envelope) => this.#settled.add(envelope));
  }

  /** Gives back what is left, in its old place. @throws TransportError when the store cannot be reached. */
  async release(): Promise<void> {
    const { left } = this;
    this.forget(left);
    if (left.length > 0 && isReleasable(this.#queue)) {
      await this.#queue.release(left);
    }
  }

  async #renew(): Promise<void> {
    const { left } = this;
    const since = this.#clock.now();
    if (left.length === 0 || !isKeepaliveAware(this.#queue)) {
      return;
    }
    const lost = await this.#queue.keepalive(left);
    // Those that were settled meanwhile are not lost.
    if (lost.some((envelope) => !this.#settled.has(envelope))) {
      this.#isLost = true;
    } else {
      this.#heldSince = since;
    }
  }
}
