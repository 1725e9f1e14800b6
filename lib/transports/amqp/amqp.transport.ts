import { setTimeout as sleep } from 'node:timers/promises';
import type { Envelope } from '../../envelope/envelope.js';
import type { Stamp } from '../../envelope/stamp.js';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../stamp/transport-message-id.stamp.js';
import type {
  Blockable,
  Claimable,
  Closeable,
  Listable,
  Located,
  LossAware,
  MessageCountAware,
  MessageCounts,
  Pingable,
  Pushed,
  QueueAware,
  Releasable,
  RollKeeper,
  Setupable,
  SignalAware,
  WorkerRoll,
} from '../../transport/capabilities.js';
import { claimOf, settleClaims } from '../../transport/claims.js';
import type { Diagnosable } from '../../transport/diagnosable.js';
import type { GetOptions, SettleResult, Transport } from '../../transport/transport.js';
import { isHeld } from './amqp.losses.js';
import { type AmqpOutgoing, deliveryCountOf, encodedOf, publicationOf } from './amqp.message-codec.js';
import { onOwnChannel } from './amqp.look.js';
import { idOf, isUniqueId } from './amqp.message-id.js';
import type { AmqpPublication } from './amqp.publisher.js';
import { type AmqpDelivery, AmqpReceivedStamp } from './amqp.stamps.js';
import type { AmqpTransportParts } from './amqp.transport-parts.js';

/** How long a broker that does not answer keeps a transport from closing, in milliseconds. */
const LEAVING_MS = 2000;

type Capabilities = Setupable &
  Closeable &
  MessageCountAware &
  Listable &
  Located &
  Claimable &
  LossAware &
  QueueAware &
  Pushed &
  Releasable &
  SignalAware &
  RollKeeper &
  Pingable &
  Blockable;

/**
 * Keeps messages in queues of RabbitMQ: envelopes in and out, in terms of publications and deliveries.
 *
 * A message is delivered at least once: again if the connection over which it came ends before it was settled. Made by
 * `AmqpTransportFactory`.
 */
export class AmqpTransport implements Transport, Capabilities {
  readonly diagnose: Diagnosable['diagnose'] = () => this.#parts.diagnosis.findings();
  readonly isPushed = true;
  readonly #parts: AmqpTransportParts;
  #closed: Promise<void> | undefined;

  constructor(parts: AmqpTransportParts) {
    this.#parts = parts;
  }

  get queueNames(): readonly string[] {
    return [...this.#parts.options.queues.keys()];
  }

  get location(): string {
    const { session, options } = this.#parts;
    const { server } = session.connection;
    return this.queueNames.length > 0
      ? JSON.stringify([server, ...this.queueNames.toSorted()])
      : JSON.stringify([server, { exchange: options.exchange.name }]);
  }

  get roll(): WorkerRoll {
    return this.#parts.roll;
  }

  /** Known once this process has published something, and without its help. */
  get blockedReason(): string | undefined {
    return this.#parts.session.connection.blockedReason;
  }

  /** Opens a channel, on the connection by which messages are received. */
  async ping(): Promise<void> {
    await onOwnChannel(this.#parts.session, async () => undefined);
  }

  async send(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    if (envelopes.length === 0) {
      return [];
    }
    const { serializer, options, topology, publisher } = this.#parts;
    const outgoing = envelopes.map((envelope) =>
      publicationOf(serializer.encode(envelope), envelope, options),
    );
    if (!topology.isEnsured) {
      await topology.ensure();
    }
    const isDelayed = outgoing.some(({ delay }) => delay > 0);
    await publisher.publish(
      isDelayed
        ? await Promise.all(outgoing.map((each) => this.#addressed(each)))
        : outgoing.map((each) => this.#addressedNow(each)),
    );
    return envelopes.map((envelope, index) =>
      envelope.without(TransportMessageIdStamp).with(new TransportMessageIdStamp(outgoing[index]?.id ?? '')),
    );
  }

  async get({ max = 1, wait = 0, signal, queues }: GetOptions = {}): Promise<readonly Envelope[]> {
    const { consumer, redeliveries } = this.#parts;
    const deliveries = await consumer.next(max, wait, signal, queues);
    if (!redeliveries.areAmong(deliveries)) {
      return deliveries.map((delivery) => this.#receive(delivery));
    }
    const counts = await redeliveries.count(deliveries);
    // Those whose channel went meanwhile are delivered again.
    return deliveries.filter(isHeld).map((delivery) => this.#receive(delivery, counts.get(delivery)));
  }

  onLost(listener: (isLost: (received: Envelope) => boolean) => void): () => void {
    return this.#parts.losses.listen((channel) =>
      listener((received) => received.last(AmqpReceivedStamp)?.delivery.channel === channel),
    );
  }

  async claim(id: string): Promise<Envelope | undefined> {
    const delivery = await this.#parts.claimsById.claim(id);
    return delivery === undefined ? undefined : this.#receive(delivery);
  }

  async ack(envelopes: readonly Envelope[]): Promise<SettleResult> {
    return this.#settle(envelopes, (deliveries) => this.#parts.settlement.acknowledge(deliveries));
  }

  async reject(envelopes: readonly Envelope[]): Promise<SettleResult> {
    return this.#settle(envelopes, (deliveries) => this.#parts.settlement.reject(deliveries));
  }

  async release(
    envelopes: readonly Envelope[],
    { delay = 0 }: { readonly delay?: number } = {},
  ): Promise<SettleResult> {
    return this.#settle(envelopes, (deliveries) => this.#parts.settlement.release(deliveries, delay));
  }

  async messageCount(): Promise<MessageCounts> {
    return this.#parts.listing.counts();
  }

  /** Those that wait in the queues. What is in the hands of consumers cannot be seen. */
  async *all(limit: number = Number.POSITIVE_INFINITY): AsyncGenerator<Envelope> {
    for await (const delivery of this.#parts.listing.messages(limit)) {
      yield this.#show(delivery);
    }
  }

  async find(id: string): Promise<Envelope | undefined> {
    const delivery = await this.#parts.listing.find(id);
    return delivery === undefined ? undefined : this.#show(delivery);
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

  /** Declares the exchange, the queues, their bindings, and what delays need. */
  async setup(): Promise<void> {
    await this.#parts.topology.setup();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    const { closing, session } = this.#parts;
    closing.abort();
    await Promise.race([this.#leave(), sleep(LEAVING_MS, undefined, { ref: false })]);
    await session.connection.leave(session);
  }

  /** Never rejects. */
  async #leave(): Promise<void> {
    const { consumer, claimsById, publisher, signals, roll } = this.#parts;
    const parts = [consumer, claimsById, publisher, signals, roll];
    await Promise.allSettled(parts.map((part) => part.close()));
  }

  async #addressed(outgoing: AmqpOutgoing): Promise<AmqpPublication> {
    const { target, delay, body, properties, mandatory } = outgoing;
    if (delay > 0) {
      const renewAddress = () => this.#parts.topology.delayed(target, delay);
      return { address: await renewAddress(), body, properties, mandatory, renewAddress };
    }
    return this.#addressedNow(outgoing);
  }

  #addressedNow({ target, body, properties, mandatory }: AmqpOutgoing): AmqpPublication {
    const { options } = this.#parts;
    const address =
      target.kind === 'queue'
        ? { exchange: '', routingKey: target.queue }
        : { exchange: options.exchange.name, routingKey: target.routingKey };
    return { address, body, properties, mandatory };
  }

  #receive(delivery: AmqpDelivery, count: number = deliveryCountOf(delivery.message)): Envelope {
    const id = idOf(delivery.message);
    const stamps: Stamp[] = [
      new TransportMessageIdStamp(id, isUniqueId(id)),
      new AmqpReceivedStamp(delivery),
    ];
    if (count > 1) {
      stamps.push(new RedeliveredStamp(count));
    }
    return this.#parts.serializer.decode(encodedOf(delivery.message)).with(...stamps);
  }

  #show({ message }: AmqpDelivery): Envelope {
    return this.#parts.serializer.decode(encodedOf(message)).with(new TransportMessageIdStamp(idOf(message)));
  }

  #settle(
    envelopes: readonly Envelope[],
    settle: (deliveries: readonly AmqpDelivery[]) => Promise<readonly boolean[]>,
  ): Promise<SettleResult> {
    const { transportName } = this.#parts.session;
    return settleClaims(
      envelopes,
      (envelope) => claimOf(transportName, envelope, AmqpReceivedStamp).delivery,
      settle,
    );
  }
}
