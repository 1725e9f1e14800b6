import type { MessengerLogger } from '../../event/logger.js';
import type { AmqpMessage } from './amqp.driver.js';
import { onOwnChannel } from './amqp.look.js';
import { lookAlone } from './amqp.look-lease.js';
import { deliveryCountOf } from './amqp.message-codec.js';
import { idOf } from './amqp.message-id.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import type { AmqpPublisher } from './amqp.publisher.js';
import type { AmqpSession } from './amqp.session.js';
import type { AmqpDelivery } from './amqp.stamps.js';

/** How often a message was delivered, and when that was last noted, in epoch milliseconds. */
type Entry = readonly [count: number, at: number];

/** One message with everything: a new one takes the place of the old one. */
const KEEPING = { 'x-queue-type': 'classic', 'x-max-length': 1 };

/** A message that nobody has received for so long is forgotten, in milliseconds. */
const FORGOTTEN_AFTER_MS = 24 * 3600 * 1000;

/** The most messages that are remembered; the oldest go first. */
const MOST_ENTRIES = 5000;

const PERSISTENT = 2;

/**
 * Counts how often a classic queue has delivered a message. Such a queue only tells that a message was delivered before; so one
 * that kills each worker that handles it would kill them for ever.
 *
 * The counts are in one message of the queue `<exchange>.redeliveries`, changed by one process at a time before a message that
 * was delivered before is handled. What is delivered for the first time, and what a quorum queue counts, costs nothing.
 */
export class AmqpRedeliveries {
  readonly #session: AmqpSession;
  readonly #publisher: Pick<AmqpPublisher, 'publish'>;
  readonly #logger: MessengerLogger | undefined;
  readonly #queue: string;
  readonly #now: () => number;

  constructor(
    session: AmqpSession,
    publisher: Pick<AmqpPublisher, 'publish'>,
    { exchange }: Pick<ResolvedAmqpOptions, 'exchange'>,
    logger: MessengerLogger | undefined,
    now: () => number = Date.now,
  ) {
    this.#session = session;
    this.#publisher = publisher;
    this.#logger = logger;
    this.#queue = `${exchange.name || 'messenger'}.redeliveries`;
    this.#now = now;
  }

  /** Whether there are any among them that have to be counted here. */
  areAmong(deliveries: readonly AmqpDelivery[]): boolean {
    return deliveries.some(isUncounted);
  }

  /**
   * Which delivery this is of each of those that have to be counted. Never rejects: where it cannot be told,
   * it is left out.
   */
  async count(deliveries: readonly AmqpDelivery[]): Promise<ReadonlyMap<AmqpDelivery, number>> {
    const uncounted = deliveries.filter(isUncounted);
    try {
      return await lookAlone(this.#session, this.#queue, async () => {
        const entries = await this.#kept();
        const counts = new Map<AmqpDelivery, number>();
        for (const delivery of uncounted) {
          const id = idOf(delivery.message);
          const count = (entries.get(id)?.[0] ?? 1) + 1;
          // Anew, so that the order is that of the last time.
          entries.delete(id);
          entries.set(id, [count, this.#now()]);
          counts.set(delivery, count);
        }
        await this.#keep(entries);
        return counts;
      });
    } catch (error) {
      this.#logger?.log(
        'warn',
        `Transport "${this.#session.transportName}" could not count the deliveries of ${uncounted.length} message(s) in the queue ` +
          `"${this.#queue}". One that kills its worker may do so again.`,
        { error: this.#session.errorOf(error) },
      );
      return new Map();
    }
  }

  async #kept(): Promise<Map<string, Entry>> {
    const kept = await onOwnChannel(this.#session, async (channel) => {
      await channel.assertQueue(this.#queue, { durable: true, arguments: KEEPING });
      return channel.get(this.#queue);
    });
    const oldest = this.#now() - FORGOTTEN_AFTER_MS;
    return new Map(entriesIn(kept).filter(([, [, at]]) => at > oldest));
  }

  async #keep(entries: ReadonlyMap<string, Entry>): Promise<void> {
    await this.#publisher.publish([
      {
        address: { exchange: '', routingKey: this.#queue },
        body: Buffer.from(JSON.stringify([...entries].slice(-MOST_ENTRIES))),
        properties: { contentType: 'application/json', deliveryMode: PERSISTENT },
        mandatory: true,
      },
    ]);
  }
}

/** A quorum queue writes a count, also a count of 0. */
function isUncounted({ message }: AmqpDelivery): boolean {
  return deliveryCountOf(message) > 1 && message.properties.headers?.['x-delivery-count'] === undefined;
}

/** Somebody else may have put anything there. */
function entriesIn(kept: AmqpMessage | false): ReadonlyArray<readonly [id: string, entry: Entry]> {
  try {
    const entries: unknown = kept === false ? [] : JSON.parse(kept.content.toString());
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is readonly [string, Entry] {
  const [id, entry] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  return (
    typeof id === 'string' && Array.isArray(entry) && entry.length === 2 && entry.every(Number.isSafeInteger)
  );
}
