import { setTimeout as sleep } from 'node:timers/promises';
import type { Envelope } from '../../envelope/envelope.js';
import type { Stamp } from '../../envelope/stamp.js';
import { TransportError } from '../../errors/transport.error.js';
import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import type { Serializer } from '../../serializer/serializer.js';
import { DelayStamp } from '../../stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../stamp/transport-message-id.stamp.js';
import type {
  Claimable,
  Closeable,
  DeduplicationLocks,
  DeduplicationStore,
  KeepaliveAware,
  Listable,
  Located,
  MessageCountAware,
  MessageCounts,
  Pingable,
  Releasable,
  Requeueable,
  RequeueItem,
  RollKeeper,
  Setupable,
  SignalAware,
  WorkerRoll,
} from '../../transport/capabilities.js';
import { claimOf, settleClaims } from '../../transport/claims.js';
import type { Diagnosable } from '../../transport/diagnosable.js';
import type { GetOptions, Sender, SettleResult, Transport } from '../../transport/transport.js';
import type { FoundMessage } from './redis.claims-by-id.js';
import type { RedisClaim, RedisDelivery } from './redis.delivery.js';
import { decodeEntry, decodeMember, encodeEntry } from './redis.entry-codec.js';
import type { OutgoingMessage } from './redis.sender.js';
import { RedisReceivedStamp } from './redis.stamps.js';
import type { RedisTransportParts } from './redis.transport-parts.js';

/** How long a server that does not answer keeps a transport from closing, in milliseconds. What is left behind expires. */
const LEAVING_MS = 2000;

type Capabilities = Setupable &
  Closeable &
  DeduplicationStore &
  MessageCountAware &
  Listable &
  Located &
  Claimable &
  KeepaliveAware &
  Releasable &
  Requeueable &
  SignalAware &
  RollKeeper &
  Pingable;

/**
 * Keeps messages in a Redis stream: envelopes in and out, in terms of entries and claims.
 *
 * A message is delivered at least once: again if the process that received it ends, or stops prolonging its claim, before it
 * settled it. Made by `RedisTransportFactory`.
 */
export class RedisTransport implements Transport, Capabilities {
  readonly diagnose: Diagnosable['diagnose'] = () => this.#parts.diagnosis.findings();
  readonly #parts: RedisTransportParts;
  readonly #fetches = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(parts: RedisTransportParts) {
    this.#parts = parts;
  }

  get leaseDuration(): number {
    return Math.round(this.#parts.options.redeliverTimeout * 1000);
  }

  get location(): string {
    const { place, keys, options } = this.#parts;
    return JSON.stringify([place, keys.stream, options.group]);
  }

  get locks(): DeduplicationLocks {
    return this.#parts.locks;
  }

  get roll(): WorkerRoll {
    return this.#parts.roll;
  }

  /** The name under which this transport consumes. */
  get consumer(): string {
    return this.#parts.options.consumer;
  }

  /** How many messages were deleted from outside before they were settled, as far as was noticed while consuming. */
  get deletedCount(): number {
    return this.#parts.consumer.deletedCount;
  }

  async send(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    const { serializer, sender } = this.#parts;
    const [envelope] = envelopes;
    if (envelope === undefined) {
      return [];
    }
    if (envelopes.length === 1) {
      return [identified(envelope, await sender.sendOne(outgoing(serializer, envelope)))];
    }
    const ids = await sender.send(envelopes.map((each) => outgoing(serializer, each)));
    return envelopes.map((each, index) => identified(each, ids[index] ?? ''));
  }

  async get({ max = 1, wait = 0, signal }: GetOptions = {}): Promise<readonly Envelope[]> {
    const fetch = this.#parts.consumer.next(max, wait, signal);
    this.#fetches.add(fetch);
    try {
      return (await fetch).map((delivery) => this.#receive(delivery));
    } finally {
      this.#fetches.delete(fetch);
    }
  }

  async claim(id: string): Promise<Envelope | undefined> {
    const { claimsById, inHand, presence } = this.#parts;
    const delivery = await claimsById.claim(id);
    if (delivery === undefined) {
      return undefined;
    }
    inHand.add([delivery], presence.era);
    return this.#receive(delivery, id);
  }

  async ack(envelopes: readonly Envelope[]): Promise<SettleResult> {
    return this.#settle(envelopes, (claims) => this.#parts.settlement.acknowledge(claims));
  }

  async reject(envelopes: readonly Envelope[]): Promise<SettleResult> {
    return this.#settle(envelopes, (claims) => this.#parts.settlement.reject(claims));
  }

  async release(
    envelopes: readonly Envelope[],
    { delay = 0 }: { readonly delay?: number } = {},
  ): Promise<SettleResult> {
    const { settlement, consumer } = this.#parts;
    const result = await this.#settle(envelopes, (claims) => settlement.release(claims, delay));
    consumer.expectReleased(Math.ceil(delay));
    return result;
  }

  async keepalive(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    const prolonged = await settleClaims(
      envelopes,
      (envelope) => this.#claimOf(envelope),
      (claims) => this.#parts.settlement.prolong(claims),
    );
    return prolonged.lost;
  }

  /** Accepts every transport on the same server that the same factory made; in a cluster, in the same slot. */
  canRequeueTo(target: Sender): boolean {
    return target instanceof RedisTransport && target.#parts.place === this.#parts.place;
  }

  /**
   * @throws TransportError when `to` is none that {@link canRequeueTo} accepts; MessageEncodingFailedError when a copy cannot
   * be encoded. Nothing is changed then.
   */
  async requeue(items: readonly RequeueItem[]): Promise<SettleResult> {
    const replacements = items.map(({ received, copy, to }) => {
      const { serializer, keys } = this.#siblingOf(to).#parts;
      return { claim: this.#claimOf(received), copy: outgoing(serializer, copy), to: keys };
    });
    const outcomes = await this.#parts.replacer.replace(replacements);
    const orphans = items.filter((_, index) => outcomes[index] === 'orphaned');
    await Promise.all(orphans.map(({ copy, to }) => to.send([copy])));
    return { lost: items.filter((_, index) => outcomes[index] === 'lost').map(({ received }) => received) };
  }

  async messageCount(): Promise<MessageCounts> {
    return this.#parts.listing.counts();
  }

  /** Those of the stream in its order, then the delayed ones in the order in which they are due. */
  async *all(limit: number = Number.POSITIVE_INFINITY): AsyncGenerator<Envelope> {
    for await (const found of this.#parts.listing.messages(limit)) {
      yield this.#show(found);
    }
  }

  async find(id: string): Promise<Envelope | undefined> {
    const found = await this.#parts.claimsById.find(id);
    return found === undefined ? undefined : this.#show(found);
  }

  async writeSignal(name: string): Promise<void> {
    await this.#parts.signals.write(name);
  }

  async readSignal(name: string): Promise<number | undefined> {
    return this.#parts.signals.read(name);
  }

  onSignal(listener: () => void): () => void {
    return this.#parts.signals.onSignal(listener);
  }

  async ping(): Promise<void> {
    // A command with a key: in a cluster it asks the node that keeps the messages.
    await this.#parts.session.call('exists', this.#parts.keys.stream);
  }

  /** Creates the consumer group. */
  async setup(): Promise<void> {
    await this.#parts.presence.setup();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    const { closing, session } = this.#parts;
    closing.abort();
    await Promise.race([this.#leaveGroup(), sleep(LEAVING_MS, undefined, { ref: false })]);
    session.connection.leave(session);
  }

  /** Never rejects. */
  async #leaveGroup(): Promise<void> {
    const { mover, presence } = this.#parts;
    await Promise.allSettled(this.#fetches);
    await mover.close();
    await presence.close();
  }

  #receive({ id, count, fields }: RedisDelivery, messageId: string = id): Envelope {
    const stamps: Stamp[] = [new TransportMessageIdStamp(messageId), new RedisReceivedStamp(id, count)];
    if (count > 1) {
      stamps.push(new RedeliveredStamp(count));
    }
    return this.#decode(decodeEntry(fields), stamps);
  }

  #show(found: FoundMessage): Envelope {
    const encoded = found.kind === 'entry' ? decodeEntry(found.fields) : decodeMember(found.member);
    return this.#decode(encoded, [new TransportMessageIdStamp(found.id)]);
  }

  #decode(encoded: EncodedEnvelope, stamps: readonly Stamp[]): Envelope {
    return this.#parts.serializer.decode(encoded).with(...stamps);
  }

  #settle(
    envelopes: readonly Envelope[],
    settle: (claims: readonly RedisClaim[]) => Promise<readonly boolean[]>,
  ): Promise<SettleResult> {
    return settleClaims(
      envelopes,
      (envelope) => this.#claimOf(envelope),
      async (claims) => {
        const held = await settle(claims);
        this.#parts.inHand.remove(claims);
        return held;
      },
    );
  }

  #claimOf(envelope: Envelope): RedisReceivedStamp {
    return claimOf(this.#parts.session.transportName, envelope, RedisReceivedStamp);
  }

  #siblingOf(target: Sender): RedisTransport {
    if (target instanceof RedisTransport && this.canRequeueTo(target)) {
      return target;
    }
    const { session } = this.#parts;
    throw new TransportError(
      session.transportName,
      `can requeue only to transports on ${session.connection.server}, in a cluster in one slot. Ask canRequeueTo() first.`,
    );
  }
}

function identified(envelope: Envelope, id: string): Envelope {
  return envelope.without(TransportMessageIdStamp).with(new TransportMessageIdStamp(id));
}

/** @throws MessageEncodingFailedError when the serializer cannot represent the message. */
function outgoing(serializer: Serializer, envelope: Envelope): OutgoingMessage {
  return {
    entry: encodeEntry(serializer.encode(envelope)),
    delay: envelope.last(DelayStamp)?.delay ?? 0,
  };
}
