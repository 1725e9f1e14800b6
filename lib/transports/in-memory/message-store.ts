import type { MessageCounts } from '../../transport/capabilities.js';
import { byDueTime, DueQueue } from './due-queue.js';

/** One message as the store holds it. */
export interface StoredMessage<Content> {
  readonly id: string;
  readonly arrival: number;
  readonly content: Content;
  readonly availableAt: number;
  readonly storedAt: number;
  /** How many times it was claimed, releases not counted. */
  readonly deliveries: number;
  /** Who holds it and until when; nobody if absent. */
  readonly lease: Lease | undefined;
}

/** The right to settle a message until `expiresAt`, an epoch in milliseconds. */
export interface Lease {
  /** Unlike that of any other lease of the store. */
  readonly claim: number;
  readonly expiresAt: number;
}

/** Names a delivery: the message and the lease under which it was handed out. */
export interface Delivery {
  readonly id: string;
  readonly claim: number;
}

/** A message as this file alone may change it. */
type Row<Content> = { -readonly [K in keyof StoredMessage<Content>]: StoredMessage<Content>[K] };

/**
 * Messages, their order and their leases. It knows no clock and waits for nothing: the time comes with each call, so
 * that every call is one atomic step.
 */
export class MessageStore<Content> {
  readonly #leaseDuration: number;
  readonly #isExclusive: boolean;
  /** Every message, in the order of arrival. */
  readonly #rows = new Map<string, Row<Content>>();
  readonly #waiting = new DueQueue<Row<Content>>();
  /** In the order in which the leases expire, since all last equally long and a prolonged one moves to the end. */
  readonly #leased = new Map<string, Row<Content>>();
  #lastId = 0;
  #lastArrival = 0;
  #lastClaim = 0;

  /**
   * @param leaseDuration milliseconds.
   * @param isExclusive hand out nothing while anything is leased.
   */
  constructor(leaseDuration: number, isExclusive = false) {
    this.#leaseDuration = leaseDuration;
    this.#isExclusive = isExclusive;
  }

  /** @param id of a message that this one replaces. @default a new one */
  add(
    content: Content,
    availableAt: number,
    storedAt: number,
    id: string = String(++this.#lastId),
  ): StoredMessage<Content> {
    const arrival = ++this.#lastArrival;
    const times = { availableAt, storedAt };
    const row: Row<Content> = { id, arrival, content, ...times, deliveries: 0, lease: undefined };
    this.#rows.set(id, row);
    this.#waiting.add(row);
    return row;
  }

  /** Whether there is nothing to be had because of what is leased. */
  isBlocked(now: number): boolean {
    this.#returnExpired(now);
    return this.#isExclusive && this.#leased.size > 0;
  }

  /** Claims the message that has been due for longest. */
  claimNext(now: number): (StoredMessage<Content> & { readonly lease: Lease }) | undefined {
    this.#returnExpired(now);
    const first = this.#waiting.first;
    if (first === undefined || first.availableAt > now) {
      return undefined;
    }
    this.#waiting.take();
    return this.#lend(first, now);
  }

  /** Claims a message whether it is due or not, unless somebody holds it. */
  claim(id: string, now: number): (StoredMessage<Content> & { readonly lease: Lease }) | undefined {
    this.#returnExpired(now);
    const row = this.#rows.get(id);
    if (row === undefined || row.lease !== undefined) {
      return undefined;
    }
    this.#waiting.remove(row);
    return this.#lend(row, now);
  }

  /** Removes a claimed message. @returns whether it was still held by that claim. */
  remove(delivery: Delivery, now: number): boolean {
    const row = this.#held(delivery, now);
    if (row === undefined) {
      return false;
    }
    this.#leased.delete(row.id);
    this.#rows.delete(row.id);
    return true;
  }

  /** Prolongs a lease from now. @returns whether the message was still held by that claim. */
  prolong(delivery: Delivery, now: number): boolean {
    const row = this.#held(delivery, now);
    if (row === undefined) {
      return false;
    }
    this.#leased.delete(row.id);
    this.#lease(row, delivery.claim, now);
    return true;
  }

  /**
   * Undoes a claim, as if it had not been made: the message takes its old place.
   *
   * @param delay milliseconds from now during which nobody may claim it.
   * @returns whether the message was still held by that claim.
   */
  putBack(delivery: Delivery, now: number, delay: number): boolean {
    const row = this.#held(delivery, now);
    if (row === undefined) {
      return false;
    }
    row.deliveries--;
    row.availableAt = delay > 0 ? now + delay : row.availableAt;
    this.#return(row);
    return true;
  }

  find(id: string): StoredMessage<Content> | undefined {
    return this.#rows.get(id);
  }

  /** Every message, in the order of arrival. */
  byArrival(): ReadonlyArray<StoredMessage<Content>> {
    return [...this.#rows.values()];
  }

  /** Every message, in the order in which they are due. */
  byDueTime(): ReadonlyArray<StoredMessage<Content>> {
    return [...this.#rows.values()].sort(byDueTime);
  }

  counts(now: number): Required<MessageCounts> {
    this.#returnExpired(now);
    const inFlight = this.#leased.size;
    let delayed = 0;
    for (const row of this.#rows.values()) {
      delayed += row.lease === undefined && row.availableAt > now ? 1 : 0;
    }
    return {
      ready: this.#rows.size - inFlight - delayed,
      inFlight,
      delayed,
      oldestAge: Math.max(0, now - this.#firstReadyTime(now)),
    };
  }

  /** When the first of the messages that nobody holds is or was due. */
  get firstDueTime(): number | undefined {
    return this.#waiting.first?.availableAt;
  }

  /** Since when the first message that nobody holds is ready. Those of an outbox are due from the beginning of time. */
  #firstReadyTime(now: number): number {
    const { first } = this.#waiting;
    return first === undefined ? now : Math.max(first.availableAt, first.storedAt);
  }

  /** When the next message falls due or the next lease expires; in the past if one is due already. */
  nextDueTime(): number | undefined {
    const [leased] = this.#leased.values();
    const firstDueTime = this.#isExclusive && leased !== undefined ? undefined : this.firstDueTime;
    const times = [firstDueTime, leased?.lease?.expiresAt].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  clear(): void {
    this.#rows.clear();
    this.#waiting.clear();
    this.#leased.clear();
  }

  #lend(row: Row<Content>, now: number): StoredMessage<Content> & { readonly lease: Lease } {
    row.deliveries++;
    const lease = this.#lease(row, ++this.#lastClaim, now);
    return { ...row, lease };
  }

  #lease(row: Row<Content>, claim: number, now: number): Lease {
    const lease = { claim, expiresAt: now + this.#leaseDuration };
    row.lease = lease;
    this.#leased.set(row.id, row);
    return lease;
  }

  #held({ id, claim }: Delivery, now: number): Row<Content> | undefined {
    this.#returnExpired(now);
    const row = this.#leased.get(id);
    return row?.lease?.claim === claim ? row : undefined;
  }

  #returnExpired(now: number): void {
    for (const row of this.#leased.values()) {
      if (row.lease !== undefined && row.lease.expiresAt > now) {
        return;
      }
      this.#return(row);
    }
  }

  #return(row: Row<Content>): void {
    this.#leased.delete(row.id);
    row.lease = undefined;
    this.#waiting.add(row);
  }
}
