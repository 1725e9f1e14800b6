import { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';
import { PartiallySentError } from '../errors/partially-sent.error.js';
import { TransportError } from '../errors/transport.error.js';
import { classOf } from '../message/message-class.js';
import { HandledStamp } from '../stamp/handled.stamp.js';
import { SentStamp } from '../stamp/sent.stamp.js';
import type { TransportRegistry } from '../transport/transport-registry.js';

/** Sends messages to transports by name: all of them must accept a message, one after the other. */
export class TransportSender {
  readonly #transports: TransportRegistry;

  constructor(transports: TransportRegistry) {
    this.#transports = transports;
  }

  /**
   * Sends one message.
   *
   * @throws UnknownTransportError before anything is sent; PartiallySentError if a transport refused it after another
   * had accepted it; else what the transport threw.
   */
  async send(envelope: Envelope, transportNames: readonly string[]): Promise<Envelope> {
    const [name] = transportNames;
    const [sent] =
      name !== undefined && transportNames.length === 1
        ? await this.#sendTo(name, [envelope.with(new SentStamp(name))])
        : await this.sendAll([envelope], transportNames);
    return sent ?? envelope;
  }

  /** Sends several messages that go to the same transports, with one call for each transport. */
  async sendAll(
    envelopes: readonly Envelope[],
    transportNames: readonly string[],
  ): Promise<readonly Envelope[]> {
    // All of them must be known before the first one is given anything.
    transportNames.forEach((name) => this.#transports.get(name));
    let sent = envelopes;
    for (const [index, name] of transportNames.entries()) {
      const stamp = new SentStamp(name);
      const results =
        index === 0 ? undefined : sent.map((envelope, at) => resultsAdded(envelope, envelopes[at]));
      try {
        sent = await this.#sendTo(
          name,
          sent.map((envelope, at) => withoutStamps(envelope, results?.[at]).with(stamp)),
        );
      } catch (error) {
        throw index === 0 ? error : partiallySent(envelopes, transportNames.slice(0, index), name, error);
      }
      if (results !== undefined) {
        sent = sent.map((envelope, at) => envelope.with(...(results[at] ?? [])));
      }
    }
    return sent;
  }

  async #sendTo(name: string, envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    const sent = await this.#transports.get(name).send(envelopes);
    if (sent.length !== envelopes.length) {
      throw new TransportError(
        name,
        `answered with ${sent.length} envelopes for ${envelopes.length} that were sent.`,
      );
    }
    return sent;
  }
}

/**
 * The results of a transport that has handled the message at once. The next transport does not get them: whoever receives
 * the message there would take its handlers for done.
 */
function resultsAdded(sent: Envelope, original: Envelope | undefined): readonly HandledStamp[] {
  const before = new Set(original?.all(HandledStamp));
  return sent.all(HandledStamp).filter((stamp) => !before.has(stamp));
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
