import type { MessageCounts } from '../../transport/capabilities.js';
import { Gatherer } from '../../transport/gatherer.js';
import type { AmqpMessage } from './amqp.driver.js';
import {
  lookOnce,
  MOST_LOOKED_AT,
  notAmongThose,
  onOwnChannel,
  withQueues,
  type AmqpLook,
} from './amqp.look.js';
import { lookAlone } from './amqp.look-lease.js';
import { idOf } from './amqp.message-id.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import { AmqpRenewal } from './amqp.renewal.js';
import type { AmqpSession } from './amqp.session.js';
import type { AmqpDelivery } from './amqp.stamps.js';
import type { AmqpTopology } from './amqp.topology.js';

/** How many messages the first look of a list takes. Each further one takes ten times as many. */
const FIRST_PAGE = 100;

/** Instead of a channel on which they could be settled: they were handed back. */
const FOR_SHOW = Object.freeze({});

/** What came of looking for one message. */
interface Found {
  readonly delivery?: AmqpDelivery;
  /** A queue that was not looked through to its end. */
  readonly unseen?: string;
}

/**
 * Shows the messages of the queues without keeping them.
 *
 * RabbitMQ has no such command. So messages are taken, and handed back by closing the channel they were taken on; if the process
 * ends meanwhile they are back just the same. In a classic queue each keeps its place. A quorum queue puts those before what
 * nobody has taken yet, but behind those that were handed back earlier. It has its price:
 *
 * - What consumers hold, workers' prefetched messages included, and what waits in delay queues is not seen.
 * - For as long as a look takes, milliseconds mostly and never longer than five seconds, consumers do not get what it took.
 * - What was looked at counts as redelivered. Quorum queues count each look as a delivery, and drop or dead-letter a message
 *   that was delivered more often than their delivery limit says: without one up to RabbitMQ 3, after 20 since. So a message
 *   that comes near the limit is replaced by a copy at the end of the queue, see {@link AmqpRenewal}. That cannot know of a limit
 *   that a policy sets. Queues in which people look, such as failure transports, should have `x-delivery-limit` -1.
 * - Only the oldest 10,000 messages of a queue, and 64 MiB, are looked at.
 */
export class AmqpListing {
  readonly #session: AmqpSession;
  readonly #topology: AmqpTopology;
  readonly #options: ResolvedAmqpOptions;
  readonly #renewal: AmqpRenewal;
  /** Those who search at the same time share a look. */
  readonly #searches = new Gatherer<string, Found>((ids) => this.#search(ids));

  constructor(session: AmqpSession, topology: AmqpTopology, options: ResolvedAmqpOptions) {
    this.#session = session;
    this.#topology = topology;
    this.#options = options;
    this.#renewal = new AmqpRenewal(session, options);
  }

  /**
   * Only what is ready: the protocol tells neither what consumers hold, nor which delay queues there are, nor how old a message
   * is that nobody takes.
   */
  async counts(): Promise<MessageCounts> {
    return this.#guarded(() =>
      onOwnChannel(this.#session, async (channel) => {
        let ready = 0;
        for (const queue of this.#options.queues.keys()) {
          ready += (await channel.checkQueue(queue)).messageCount;
        }
        return { ready };
      }),
    );
  }

  /**
   * Up to `limit` messages, queue by queue in the order of the options. Nothing is held while the caller is busy with one: they
   * come in pages, and the next page is another look, of ten times as many. Of several messages with one id that are on
   * different pages only the first is shown.
   */
  async *messages(limit: number): AsyncGenerator<AmqpDelivery> {
    let left = limit;
    for (const queue of this.#options.queues.keys()) {
      for await (const delivery of this.#messagesOf(queue, left)) {
        left -= 1;
        yield delivery;
      }
    }
  }

  /**
   * The first message with this id.
   *
   * @throws TransportError when it was not found, but a queue has more messages than may be looked at.
   */
  async find(id: string): Promise<AmqpDelivery | undefined> {
    const { delivery, unseen } = await this.#searches.add(id);
    if (delivery === undefined && unseen !== undefined) {
      throw notAmongThose(this.#session.transportName, id, unseen);
    }
    return delivery;
  }

  async *#messagesOf(queue: string, limit: number): AsyncGenerator<AmqpDelivery> {
    const most = Math.min(limit, MOST_LOOKED_AT);
    const shown = new Set<string>();
    // Who names a limit wants that many.
    for (let page = Number.isFinite(limit) ? most : FIRST_PAGE; shown.size < most; page *= 10) {
      const { seen, stoppedAt } = await this.#lookInto(queue, Math.min(page, most));
      const further = seen.filter(({ message }) => !shown.has(idOf(message)));
      for (const delivery of further) {
        shown.add(idOf(delivery.message));
        yield delivery;
      }
      if (stoppedAt !== 'bound' || page >= most || further.length === 0) {
        return;
      }
    }
  }

  async #search(ids: readonly string[]): Promise<readonly Found[]> {
    const wanted = new Set(ids);
    const found = new Map<string, AmqpDelivery>();
    let unseen: string | undefined;
    for (const queue of this.#options.queues.keys()) {
      if (found.size === wanted.size) {
        break;
      }
      const { seen, stoppedAt } = await this.#lookInto(queue, MOST_LOOKED_AT, allOf(wanted, found.keys()));
      for (const delivery of seen) {
        const id = idOf(delivery.message);
        if (wanted.has(id) && !found.has(id)) {
          found.set(id, delivery);
        }
      }
      unseen ??= stoppedAt === 'bound' ? queue : undefined;
    }
    return ids.map((id) => {
      const delivery = found.get(id);
      return { ...(delivery && { delivery }), ...(unseen !== undefined && { unseen }) };
    });
  }

  #lookInto(
    queue: string,
    limit: number,
    isEnough?: (message: AmqpMessage) => boolean,
  ): Promise<{ readonly seen: readonly AmqpDelivery[]; readonly stoppedAt: AmqpLook['stoppedAt'] }> {
    return this.#guarded(() =>
      lookAlone(this.#session, queue, async () => {
        const place = { session: this.#session, renewal: this.#renewal, queue };
        const { taken, stoppedAt } = await lookOnce(place, limit, isEnough);
        const seen = taken.map((message) => ({
          tag: message.fields.deliveryTag,
          queue,
          channel: FOR_SHOW,
          message,
        }));
        return { seen, stoppedAt };
      }),
    );
  }

  /** @throws TransportError */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await withQueues(this.#topology, work);
    } catch (error) {
      throw this.#session.errorOf(error);
    }
  }
}

/** Says when every wanted message was seen. */
function allOf(wanted: ReadonlySet<string>, found: Iterable<string>): (message: AmqpMessage) => boolean {
  const missing = new Set(wanted);
  for (const id of found) {
    missing.delete(id);
  }
  return (message) => {
    missing.delete(idOf(message));
    return missing.size === 0;
  };
}
