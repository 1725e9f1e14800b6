import { type Clock, systemClock } from '../envelope/clock.js';
import { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';
import { NotTransactionalError } from '../errors/not-transactional.error.js';
import { PartiallySentError } from '../errors/partially-sent.error.js';
import { TransportError } from '../errors/transport.error.js';
import { classOf } from '../message/message-class.js';
import { HandledStamp } from '../stamp/handled.stamp.js';
import { OutboxStamp } from '../stamp/outbox.stamp.js';
import { SentStamp } from '../stamp/sent.stamp.js';
import { TransactionStamp } from '../stamp/transaction.stamp.js';
import { TransportMessageIdStamp } from '../stamp/transport-message-id.stamp.js';
import { isTransactional } from '../transport/capabilities.js';
import { intoOutbox } from '../transport/outbox-envelope.js';
import { type Outbox, Outboxes } from '../transport/outboxes.js';
import type { Sender } from '../transport/transport.js';
import type { TransportRegistry } from '../transport/transport-registry.js';

/**
 * Sends messages to transports by name: all of them must accept a message, one after the other. A message for a transport with
 * an outbox is stored there, and one with a `TransactionStamp` in that transaction.
 */
export class TransportSender {
  readonly #transports: TransportRegistry;
  readonly #outboxes: Outboxes;
  readonly #clock: Clock;

  /** @param clock tells when the delay of a message ends that waits in an outbox. */
  constructor(
    transports: TransportRegistry,
    outboxes: Outboxes = new Outboxes(),
    clock: Clock = systemClock,
  ) {
    this.#transports = transports;
    this.#outboxes = outboxes;
    this.#clock = clock;
  }

  /**
   * Sends one message.
   *
   * @throws UnknownTransportError, NotTransactionalError before anything is sent; PartiallySentError if a transport refused it
   * after another had accepted it; else what the transport threw.
   */
  async send(envelope: Envelope, transportNames: readonly string[]): Promise<Envelope> {
    const [name] = transportNames;
    const isPlain =
      transportNames.length === 1 &&
      name !== undefined &&
      !envelope.has(TransactionStamp) &&
      this.#outboxes.of(name) === undefined;
    const sent = isPlain
      ? assertAll(name, 1, await this.#transports.get(name).send([envelope.with(new SentStamp(name))]))
      : await this.sendAll([envelope], transportNames);
    return sent[0] ?? envelope;
  }

  /**
   * Checks that {@link sendAll} can begin.
   *
   * @throws UnknownTransportError; NotTransactionalError if `envelope` belongs to a transaction, and one of the transports can
   * take no part in one.
   */
  assertSendable(envelope: Envelope, transportNames: readonly string[]): void {
    const isInTransaction = envelope.has(TransactionStamp);
    for (const name of transportNames) {
      this.#transports.get(name);
      if (isInTransaction && !this.#isTransactional(name)) {
        const capable = this.#transports.names().filter((other) => this.#isTransactional(other));
        throw new NotTransactionalError(classOf(envelope.message).name, name, capable);
      }
    }
  }

  /**
   * Sends several messages that go to the same transports, with one call for each transport.
   *
   * @param envelopes all of the same transaction, or of none.
   */
  async sendAll(
    envelopes: readonly Envelope[],
    transportNames: readonly string[],
  ): Promise<readonly Envelope[]> {
    // All of them must be able to before the first one is given anything.
    const [first] = envelopes;
    if (first !== undefined) {
      this.assertSendable(first, transportNames);
    }
    const transaction = first?.last(TransactionStamp)?.transaction;
    const originals =
      transaction === undefined ? envelopes : envelopes.map((envelope) => envelope.without(TransactionStamp));
    let sent = originals;
    for (const [index, name] of transportNames.entries()) {
      const stamp = new SentStamp(name);
      const results =
        index === 0 ? undefined : sent.map((envelope, at) => outcomeAdded(envelope, originals[at]));
      try {
        sent = await this.#sendTo(
          name,
          sent.map((envelope, at) => withoutStamps(envelope, results?.[at]).with(stamp)),
          transaction,
        );
      } catch (error) {
        throw index === 0 ? error : partiallySent(originals, transportNames.slice(0, index), name, error);
      }
      if (results !== undefined) {
        sent = sent.map((envelope, at) => envelope.with(...(results[at] ?? [])));
      }
    }
    return sent;
  }

  #isTransactional(name: string): boolean {
    return this.#outboxes.of(name) !== undefined || isTransactional(this.#transports.get(name));
  }

  async #sendTo(
    name: string,
    envelopes: readonly Envelope[],
    transaction: object | undefined,
  ): Promise<readonly Envelope[]> {
    const outbox = this.#outboxes.of(name);
    const sent =
      outbox === undefined
        ? await sendBy(this.#transports.get(name), envelopes, transaction)
        : await this.#store(outbox, envelopes, transaction);
    return assertAll(name, envelopes.length, sent);
  }

  /** Resolves with what was sent rather than with what is stored: the id is one that only the outbox knows. */
  async #store(
    { storeName, queue }: Outbox,
    envelopes: readonly Envelope[],
    transaction: object | undefined,
  ): Promise<readonly Envelope[]> {
    const now = this.#clock.now();
    const kept = envelopes.map((envelope) => intoOutbox(envelope, storeName, now));
    const stored = await sendBy(queue, kept, transaction);
    return stored.map((_, index) => {
      const stamps = kept[index]?.all(OutboxStamp) ?? [];
      return (envelopes[index] as Envelope)
        .without(OutboxStamp)
        .without(TransportMessageIdStamp)
        .with(...stamps);
    });
  }
}

function assertAll(name: string, count: number, sent: readonly Envelope[]): readonly Envelope[] {
  if (sent.length !== count) {
    throw new TransportError(name, `answered with ${sent.length} envelopes for ${count} that were sent.`);
  }
  return sent;
}

function sendBy(
  sender: Sender,
  envelopes: readonly Envelope[],
  transaction: object | undefined,
): Promise<readonly Envelope[]> {
  return transaction !== undefined && isTransactional(sender)
    ? sender.sendIn(transaction, envelopes)
    : sender.send(envelopes);
}

/**
 * What came of the message at one transport: results, if it has handled the message at once, or that it is in its outbox. The
 * next transport does not get these: whoever receives the message there would take its handlers for done.
 */
function outcomeAdded(sent: Envelope, original: Envelope | undefined): readonly Stamp[] {
  const before = new Set(original?.all());
  return [...sent.all(HandledStamp), ...sent.all(OutboxStamp)].filter((stamp) => !before.has(stamp));
}

function withoutStamps(envelope: Envelope, stamps: readonly Stamp[] = []): Envelope {
  return stamps.length === 0
    ? envelope
    : new Envelope(
        envelope.message,
        envelope.all().filter((stamp) => !stamps.includes(stamp)),
      );
}

function partiallySent(
  envelopes: readonly Envelope[],
  sentTo: readonly string[],
  failed: string,
  cause: unknown,
): PartiallySentError {
  const names = new Set(envelopes.map(({ message }) => classOf(message).name));
  return new PartiallySentError([...names].join(', '), sentTo, failed, cause);
}
