import type { Envelope } from '../envelope/envelope.js';
import { MissingCapabilityError } from '../errors/missing-capability.error.js';
import { UnknownOriginError } from '../errors/unknown-origin.error.js';
import type { MessengerLogger } from '../event/logger.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { DelayStamp } from '../stamp/delay.stamp.js';
import { ErrorDetailsStamp } from '../stamp/error-details.stamp.js';
import { MessageDecodingFailedStamp } from '../stamp/message-decoding-failed.stamp.js';
import { MessageIdStamp } from '../stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../stamp/sent-to-failure-transport.stamp.js';
import { TransportMessageIdStamp } from '../stamp/transport-message-id.stamp.js';
import {
  type Claimable,
  isClaimable,
  isListable,
  isReleasable,
  type Listable,
} from '../transport/capabilities.js';
import { Settler } from '../transport/settler.js';
import type { Transport } from '../transport/transport.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import type { FailurePolicies } from './failure-policy.js';
import { replaceByCopy } from './replace-by-copy.js';
import { sendableCopy } from './sendable-copy.js';

/** A message in a failure transport, as a person wants to see it. */
export interface FailedMessage {
  /** Its id in the failure transport. */
  readonly id: string;
  /** Its wire name; of an undecodable message the `type` it claims to have. */
  readonly messageName: string;
  /** The transport it failed on. */
  readonly failedFrom: string | undefined;
  readonly failedAt: Date | undefined;
  /** By which it is known wherever it goes (`MessageIdStamp`). */
  readonly messageId: string | undefined;
  /** The failed attempts it remembers, the first of all first. */
  readonly attempts: readonly ErrorDetailsStamp[];
  /** Why its bytes cannot be decoded; `undefined` for a readable message. */
  readonly undecodable: string | undefined;
  readonly envelope: Envelope;
}

/**
 * What is in the failure transports: to list, to find, to remove, to send back. Consoles and dashboards use it. To run a message again
 * there is `FailedMessageRetrier`.
 */
export class FailedMessages {
  readonly #transports: TransportRegistry;
  readonly #policies: FailurePolicies;
  readonly #logger: MessengerLogger;

  constructor(transports: TransportRegistry, policies: FailurePolicies, logger: MessengerLogger) {
    this.#transports = transports;
    this.#policies = policies;
    this.#logger = logger;
  }

  /** The transports that serve as failure transport of another. */
  failureTransportNames(): readonly string[] {
    const names = [...this.#policies.values()].map(({ failureTransport }) => failureTransport);
    return [...new Set(names.filter((name) => name !== undefined))];
  }

  /**
   * The oldest messages first.
   *
   * @param limit the most messages; all of them if left out.
   * @throws UnknownTransportError; MissingCapabilityError if the transport cannot list.
   */
  async *list(transportName: string, limit?: number): AsyncGenerator<FailedMessage> {
    for await (const envelope of this.#listable(transportName).all(limit)) {
      yield describe(envelope);
    }
  }

  async find(transportName: string, id: string): Promise<FailedMessage | undefined> {
    const envelope = await this.#listable(transportName).find(id);
    return envelope === undefined ? undefined : describe(envelope);
  }

  /** Removes a message. Resolves with false if there is none with this id, or a worker is handling it. */
  async remove(transportName: string, id: string): Promise<boolean> {
    const transport = this.claimable(transportName);
    const envelope = await transport.claim(id);
    return (
      envelope !== undefined && (await new Settler(transport, transportName, this.#logger).reject(envelope))
    );
  }

  /**
   * Sends a message back to the transport it failed on, where a worker handles it as it would a new one: with all retries before
   * it. Its id and the history of its failures stay with it, and handlers that have succeeded do not run again.
   *
   * @returns the transport it was sent to; nothing if there is no message with this id, or a worker is handling it.
   * @throws UnknownOriginError, UnknownTransportError if it cannot be told where to; TransportError if it could not be stored
   * there. It stays where it is then.
   */
  async redispatch(transportName: string, id: string): Promise<string | undefined> {
    const transport = this.claimable(transportName);
    const received = await transport.claim(id);
    if (received === undefined) {
      return undefined;
    }
    try {
      const origin = received.last(SentToFailureTransportStamp)?.originalReceiverName;
      if (origin === undefined) {
        throw new UnknownOriginError(transportName, id);
      }
      const settler = new Settler(transport, transportName, this.#logger);
      await replaceByCopy(settler, received, freshCopy(received), this.#transports.get(origin));
      return origin;
    } catch (error) {
      // Else it would be nobody's until the claim ends.
      await (isReleasable(transport) ? transport.release([received]) : undefined);
      throw error;
    }
  }

  /** @throws MissingCapabilityError if the transport cannot hand out a message by its id. */
  claimable(transportName: string): Transport & Claimable {
    const transport = this.#transports.get(transportName);
    if (!isClaimable(transport)) {
      throw new MissingCapabilityError(
        transportName,
        'hand out a message by its id',
        'Consume it with a worker instead.',
      );
    }
    return transport;
  }

  #listable(transportName: string): Transport & Listable {
    const transport = this.#transports.get(transportName);
    if (!isListable(transport)) {
      throw new MissingCapabilityError(
        transportName,
        'list its messages',
        'Use one that can as failure transport, "sqlite:" for instance.',
      );
    }
    return transport;
  }
}

/** Without what the failure transport and the tries so far have left on it. */
function freshCopy(received: Envelope): Envelope {
  return sendableCopy(received)
    .without(SentToFailureTransportStamp)
    .without(RedeliveryStamp)
    .without(DelayStamp);
}

function describe(envelope: Envelope): FailedMessage {
  const attempts = envelope.all(ErrorDetailsStamp);
  const undecodable = envelope.last(MessageDecodingFailedStamp)?.error.message;
  return {
    id: envelope.last(TransportMessageIdStamp)?.id ?? '',
    messageName: shownMessageName(envelope.message),
    failedFrom: envelope.last(SentToFailureTransportStamp)?.originalReceiverName,
    failedAt: attempts.at(-1)?.failedAt ?? envelope.last(RedeliveryStamp)?.redeliveredAt,
    messageId: envelope.last(MessageIdStamp)?.id,
    attempts,
    undecodable,
    envelope,
  };
}
