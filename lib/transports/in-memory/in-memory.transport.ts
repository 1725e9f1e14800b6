import { type Clock, systemClock } from '../../envelope/clock.js';
import type { Envelope } from '../../envelope/envelope.js';
import { TransportError } from '../../errors/transport.error.js';
import type { Serializer } from '../../serializer/serializer.js';
import { DelayStamp } from '../../stamp/delay.stamp.js';
import { TransportMessageIdStamp } from '../../stamp/transport-message-id.stamp.js';
import type {
  Claimable,
  Closeable,
  DeduplicationStore,
  InboxStore,
  KeepaliveAware,
  Listable,
  MessageCountAware,
  MessageCounts,
  OutboxStore,
  Releasable,
  Requeueable,
  RequeueItem,
  Setupable,
  Transactional,
} from '../../transport/capabilities.js';
import type { GetOptions, Sender, Transport } from '../../transport/transport.js';
import { ExpiringLocks } from './expiring-locks.js';
import { History } from './history.js';
import { InMemoryInbox } from './in-memory.inbox.js';
import { IN_MEMORY_DEFAULTS, type InMemoryTransportOptions } from './in-memory.options.js';
import { InMemoryReceivedStamp } from './in-memory.stamps.js';
import {
  encodedStorage,
  type MessageStorage,
  objectStorage,
  type StoredMessageReader,
} from './message-storage.js';
import { type Delivery, MessageStore } from './message-store.js';
import { deliver, read, type Stored } from './stored-envelopes.js';
import { WaitingGets } from './waiting-gets.js';

type Settled = { readonly lost: readonly Envelope[] };

/**
 * Keeps messages in this process, with the behaviour of a broker: order, delays, leases, redelivery. It forgets them
 * when the process ends. For tests, where it also tells what became of them, and for work that may be lost.
 */
export class InMemoryTransport
  implements
    Transport,
    Setupable,
    Closeable,
    DeduplicationStore,
    MessageCountAware,
    Listable,
    Claimable,
    KeepaliveAware,
    Releasable,
    Requeueable,
    InboxStore,
    Transactional,
    OutboxStore
{
  readonly isEphemeral = true;
  readonly leaseDuration: number;
  /** The time that delays and leases are measured by. */
  readonly clock: Clock;
  readonly locks: ExpiringLocks;
  readonly inbox: InMemoryInbox;
  readonly #options: InMemoryTransportOptions;
  readonly #name: string;
  readonly #storage: MessageStorage;
  readonly #store: MessageStore<StoredMessageReader>;
  readonly #gets: WaitingGets;
  readonly #sent: History<Stored>;
  readonly #acknowledged: History<Envelope>;
  readonly #rejected: History<Envelope>;

  constructor(options: InMemoryTransportOptions = {}) {
    const { redeliverTimeout, history } = { ...IN_MEMORY_DEFAULTS, ...options };
    this.leaseDuration = redeliverTimeout * 1000;
    this.#options = options;
    this.#name = options.transportName ?? 'in-memory';
    this.clock = options.clock ?? systemClock;
    this.locks = new ExpiringLocks(this.clock);
    this.inbox = new InMemoryInbox(this.clock);
    this.#storage = options.serializer === undefined ? objectStorage : encodedStorage(options.serializer);
    this.#store = new MessageStore(this.leaseDuration, options.isOutbox);
    this.#gets = new WaitingGets({
      clock: this.clock,
      claim: (max) => this.#claimDue(max),
      nextDueTime: () => this.#store.nextDueTime(),
    });
    this.#sent = new History(history);
    this.#acknowledged = new History(history);
    this.#rejected = new History(history);
  }

  /** What was sent here, retries included, as it was stored; oldest first. */
  get sent(): readonly Envelope[] {
    return this.#sent.items.map(read);
  }

  /** What was settled as done, as it was passed to `ack`; oldest first. */
  get acknowledged(): readonly Envelope[] {
    return this.#acknowledged.items;
  }

  /** What was settled as given up, also if it was stored again for a retry, as it was received; oldest first. */
  get rejected(): readonly Envelope[] {
    return this.#rejected.items;
  }

  /** What is stored now, delayed and claimed messages included, in the order in which it is due. */
  get queue(): readonly Envelope[] {
    return this.#store.byDueTime().map(read);
  }

  /** When the first message that nobody holds is or was due, as an epoch in milliseconds; nothing if there is none. */
  get nextDueAt(): number | undefined {
    return this.#store.firstDueTime;
  }

  /** Forgets every message, every lock and all that happened. Ids are not used again. */
  reset(): void {
    this.#store.clear();
    this.locks.clear();
    this.#sent.clear();
    this.#acknowledged.clear();
    this.#rejected.clear();
    this.inbox.clear();
  }

  async send(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    // All are encoded before the first is stored, so that a call that rejects has stored nothing.
    const prepared = envelopes.map((envelope) => ({ envelope, content: this.#storage(envelope) }));
    const sent = prepared.map(({ envelope, content }) =>
      envelope.with(new TransportMessageIdStamp(this.#add(content, envelope))),
    );
    this.#gets.serve();
    return sent;
  }

  /** As {@link send}: there is no transaction here that could be rolled back. */
  sendIn(_transaction: object, envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    return this.send(envelopes);
  }

  outboxOf(targetName: string, serializer: Serializer): InMemoryTransport {
    return new InMemoryTransport({
      ...this.#options,
      clock: this.clock,
      transportName: `${this.#name}.outbox.${targetName}`,
      isOutbox: true,
      // Objects are kept as they are only where the transport itself does.
      ...(this.#options.serializer === undefined ? {} : { serializer }),
    });
  }

  async get(options: GetOptions = {}): Promise<readonly Envelope[]> {
    const { max = 1, wait = 0, signal } = options;
    if (signal?.aborted === true) {
      return [];
    }
    const envelopes = this.#claimDue(max);
    return envelopes.length > 0 || wait <= 0 ? envelopes : this.#gets.add(max, wait, signal);
  }

  async ack(envelopes: readonly Envelope[]): Promise<Settled> {
    return this.#settle(envelopes, (delivery, now) => this.#store.remove(delivery, now), this.#acknowledged);
  }

  async reject(envelopes: readonly Envelope[]): Promise<Settled> {
    return this.#settle(envelopes, (delivery, now) => this.#store.remove(delivery, now), this.#rejected);
  }

  async keepalive(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    return this.#settle(envelopes, (delivery, now) => this.#store.prolong(delivery, now)).lost;
  }

  async release(envelopes: readonly Envelope[], options: { readonly delay?: number } = {}): Promise<Settled> {
    const { delay = 0 } = options;
    const settled = this.#settle(envelopes, (delivery, now) => this.#store.putBack(delivery, now, delay));
    this.#gets.serve();
    return settled;
  }

  canRequeueTo(target: Sender): boolean {
    return target instanceof InMemoryTransport;
  }

  async requeue(items: readonly RequeueItem[]): Promise<Settled> {
    const prepared = items.map(({ received, copy, to }) => {
      const target = this.#requeueTarget(to);
      return { received, copy, target, content: target.#storage(copy), delivery: this.#deliveryOf(received) };
    });
    const now = this.clock.now();
    const lost: Envelope[] = [];
    for (const { received, copy, target, content, delivery } of prepared) {
      if (this.#store.remove(delivery, now)) {
        this.#rejected.add(received);
        target.#add(content, copy, target === this ? delivery.id : undefined);
      } else {
        lost.push(received);
      }
    }
    new Set(prepared.map(({ target }) => target)).forEach((target) => target.#gets.serve());
    return { lost };
  }

  async messageCount(): Promise<Required<MessageCounts>> {
    return this.#store.counts(this.clock.now());
  }

  async *all(limit: number = Number.POSITIVE_INFINITY): AsyncGenerator<Envelope, void, undefined> {
    yield* this.#store.byArrival().slice(0, limit).map(read);
  }

  async find(id: string): Promise<Envelope | undefined> {
    const message = this.#store.find(id);
    return message === undefined ? undefined : read(message);
  }

  async claim(id: string): Promise<Envelope | undefined> {
    const claimed = this.#store.claim(id, this.clock.now());
    return claimed === undefined ? undefined : deliver(claimed);
  }

  async setup(): Promise<void> {}

  /** Ends the waiting fetches. There is nothing else to give up, so what was sent can still be looked at. */
  async close(): Promise<void> {
    this.#gets.endAll();
  }

  /** @param id of the message that this one replaces, if it does. */
  #add(content: StoredMessageReader, envelope: Envelope, id?: string): string {
    const delay = envelope.last(DelayStamp)?.delay ?? 0;
    const now = this.clock.now();
    const availableAt = this.#options.isOutbox === true ? 0 : now + delay;
    const message = this.#store.add(content, availableAt, now, id);
    this.#sent.add(message);
    return message.id;
  }

  #claimDue(max: number): readonly Envelope[] {
    const now = this.clock.now();
    const envelopes: Envelope[] = [];
    while (envelopes.length < max && (envelopes.length > 0 || !this.#store.isBlocked(now))) {
      const claimed = this.#store.claimNext(now);
      if (claimed === undefined) {
        break;
      }
      envelopes.push(deliver(claimed));
    }
    return envelopes;
  }

  /** Settles what is still held, and notes it in `history`. */
  #settle(
    envelopes: readonly Envelope[],
    settleOne: (delivery: Delivery, now: number) => boolean,
    history?: History<Envelope>,
  ): Settled {
    const deliveries = envelopes.map((envelope) => this.#deliveryOf(envelope));
    const now = this.clock.now();
    const settled: Envelope[] = [];
    const lost: Envelope[] = [];
    envelopes.forEach((envelope, index) => {
      const isHeld = settleOne(deliveries[index] as Delivery, now);
      (isHeld ? settled : lost).push(envelope);
    });
    settled.forEach((envelope) => history?.add(envelope));
    if (this.#options.isOutbox === true) {
      this.#gets.serve();
    }
    return { lost };
  }

  #deliveryOf(envelope: Envelope): Delivery {
    const delivery = envelope.last(InMemoryReceivedStamp);
    if (delivery === undefined) {
      throw new TransportError(
        this.#name,
        'it was given an envelope that it has not handed out. Pass the one that "get" or "claim" returned.',
      );
    }
    return delivery;
  }

  #requeueTarget(to: Sender): InMemoryTransport {
    if (!(to instanceof InMemoryTransport)) {
      throw new TransportError(
        this.#name,
        'it can requeue to in-memory transports only. Ask "canRequeueTo" first, or send the copy and reject the original.',
      );
    }
    return to;
  }
}
