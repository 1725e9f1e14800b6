import type { AmqpChannel, AmqpMessage } from './amqp.driver.js';
import { handedBack, look, MOST_LOOKED_AT, notAmongThose, withQueues } from './amqp.look.js';
import { closeQuietly, lookAlone } from './amqp.look-lease.js';
import { idOf } from './amqp.message-id.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import { AmqpRenewal } from './amqp.renewal.js';
import type { AmqpSession } from './amqp.session.js';
import type { AmqpDelivery } from './amqp.stamps.js';
import type { AmqpTopology } from './amqp.topology.js';

/**
 * Claims single messages by their ids: takes those before it from its queue, too, and hands them back at once.
 *
 * What `AmqpListing` says of a look is true of a claim. A quorum queue without a delivery limit, which is the default up to
 * RabbitMQ 3, puts what is handed back to its end.
 */
export class AmqpClaimsById {
  readonly #session: AmqpSession;
  readonly #topology: AmqpTopology;
  readonly #options: ResolvedAmqpOptions;
  readonly #renewal: AmqpRenewal;
  readonly #claims = new Set<ClaimChannel>();

  constructor(session: AmqpSession, topology: AmqpTopology, options: ResolvedAmqpOptions) {
    this.#session = session;
    this.#topology = topology;
    this.#options = options;
    this.#renewal = new AmqpRenewal(session, options);
  }

  /**
   * The first message with this id, unless somebody holds it. It is settled like any other, on its own `channel`; if it is not, it
   * is back when its connection ends.
   *
   * @throws TransportError when it was not found, but a queue has more messages than may be looked at.
   */
  async claim(id: string): Promise<AmqpDelivery | undefined> {
    try {
      return await withQueues(this.#topology, () => this.#claim(id));
    } catch (error) {
      throw this.#session.errorOf(error);
    }
  }

  /** Hands back what was claimed and not settled. */
  async close(): Promise<void> {
    await Promise.all([...this.#claims].map((claim) => claim.close()));
  }

  async #claim(id: string): Promise<AmqpDelivery | undefined> {
    let unseen: string | undefined;
    for (const queue of this.#options.queues.keys()) {
      const found = await lookAlone(this.#session, queue, () => this.#claimFrom(queue, id));
      if (typeof found === 'object') {
        return found;
      }
      unseen ??= found === 'unseen' ? queue : undefined;
    }
    if (unseen !== undefined) {
      throw notAmongThose(this.#session.transportName, id, unseen);
    }
    return undefined;
  }

  async #claimFrom(queue: string, id: string): Promise<AmqpDelivery | 'absent' | 'unseen'> {
    const channel = await this.#session.channel();
    let message: AmqpMessage | undefined;
    try {
      const { taken, stoppedAt, left } = await look(
        channel,
        queue,
        MOST_LOOKED_AT,
        (each) => idOf(each) === id,
      );
      message = stoppedAt === 'enough' ? taken.at(-1) : undefined;
      const others = message === undefined ? taken : taken.slice(0, -1);
      const fresh = await this.#renewal.renew(channel, queue, others);
      if (message === undefined) {
        await closeQuietly(channel);
      } else {
        handBack(channel, fresh);
      }
      await handedBack(this.#session, queue, others.length + left);
      if (message === undefined) {
        return stoppedAt === 'bound' ? 'unseen' : 'absent';
      }
    } catch (error) {
      await closeQuietly(channel);
      throw error;
    }
    const claim = new ClaimChannel(channel, () => this.#claims.delete(claim));
    this.#claims.add(claim);
    return { tag: message.fields.deliveryTag, queue, channel: claim, message };
  }
}

/** All of them with one command. RabbitMQ from 4.3 does not count a `nack` as a failed delivery. */
function handBack(channel: AmqpChannel, messages: readonly AmqpMessage[]): void {
  const last = messages.at(-1);
  if (last !== undefined) {
    channel.nack(last, true, true);
  }
}

/** The channel of one claim. It goes when its message is settled, so that channels do not pile up. */
class ClaimChannel implements Pick<AmqpChannel, 'ack' | 'nack'> {
  readonly #channel: AmqpChannel;
  #closed: Promise<void> | undefined;

  constructor(channel: AmqpChannel, onClosed: () => void) {
    this.#channel = channel;
    channel.on('close', onClosed);
  }

  /** Throws when the channel is closed. */
  ack(message: AmqpMessage, upTo?: boolean): void {
    this.#channel.ack(message, upTo);
    void this.close();
  }

  /** Throws when the channel is closed. */
  nack(message: AmqpMessage, upTo?: boolean, requeue?: boolean): void {
    this.#channel.nack(message, upTo, requeue);
    void this.close();
  }

  /** Resolves when the broker has got what was settled before, also if it was closed already. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= closeQuietly(this.#channel);
    return this.#closed;
  }
}
