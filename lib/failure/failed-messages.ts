import type { Envelope } from '../envelope/envelope.js';
import { MissingCapabilityError } from '../errors/missing-capability.error.js';
import type { MessengerLogger } from '../event/logger.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { ErrorDetailsStamp } from '../stamp/error-details.stamp.js';
import { MessageDecodingFailedStamp } from '../stamp/message-decoding-failed.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../stamp/sent-to-failure-transport.stamp.js';
import { TransportMessageIdStamp } from '../stamp/transport-message-id.stamp.js';
import { type Claimable, isClaimable, isListable, type Listable } from '../transport/capabilities.js';
import { Settler } from '../transport/settler.js';
import type { Transport } from '../transport/transport.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import type { FailurePolicies } from './failure-policy.js';

/** A message in a failure transport, as a person wants to see it. */
export interface FailedMessage {
  /** Its id in the failure transport. */
  readonly id: string;
  /** Its wire name; of an undecodable message the `type` it claims to have. */
  readonly messageName: string;
  /** The transport it failed on. */
  readonly failedFrom: string | undefined;
  readonly failedAt: Date | undefined;
  /** The failed attempts it remembers, the first of all first. */
  readonly attempts: readonly ErrorDetailsStamp[];
  /** Why its bytes cannot be decoded; `undefined` for a readable message. */
  readonly undecodable: string | undefined;
  readonly envelope: Envelope;
}

/**
 * What is in the failure transports: to list, to find, to remove. Consoles and dashboards use it. To run a message again
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

function describe(envelope: Envelope): FailedMessage {
  const attempts = envelope.all(ErrorDetailsStamp);
  const undecodable = envelope.last(MessageDecodingFailedStamp)?.error.message;
  return {
    id: envelope.last(TransportMessageIdStamp)?.id ?? '',
    messageName: shownMessageName(envelope.message),
    failedFrom: envelope.last(SentToFailureTransportStamp)?.originalReceiverName,
    failedAt: attempts.at(-1)?.failedAt ?? envelope.last(RedeliveryStamp)?.redeliveredAt,
    attempts,
    undecodable,
    envelope,
  };
}
