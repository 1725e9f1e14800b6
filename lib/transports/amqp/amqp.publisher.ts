import { MaybeSentError } from '../../errors/maybe-sent.error.js';
import { AmqpConfirms } from './amqp.confirms.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import { type AmqpPublication, isStale } from './amqp.publication.js';
import { AmqpPublishingErrors } from './amqp.publishing-errors.js';
import type { AmqpSession } from './amqp.session.js';
import type { AmqpAddress, AmqpTopology } from './amqp.topology.js';

export type { AmqpPublication };

/**
 * Publishes messages of one transport on a confirm channel of its own, opened when it is first needed and again when it was
 * lost. A message that was written is never sent again by itself; one that was not yet written waits for the next channel.
 */
export class AmqpPublisher {
  readonly #session: AmqpSession;
  readonly #options: ResolvedAmqpOptions;
  readonly #topology: Pick<AmqpTopology, 'forget'> | undefined;
  readonly #errors: AmqpPublishingErrors;
  #confirms: AmqpConfirms | undefined;
  #opening: Promise<AmqpConfirms> | undefined;
  #isClosed = false;

  /** @param topology told when an exchange or a queue turned out to be gone, so that it is declared again. */
  constructor(session: AmqpSession, options: ResolvedAmqpOptions, topology?: Pick<AmqpTopology, 'forget'>) {
    this.#session = session;
    this.#options = options;
    this.#topology = topology;
    this.#errors = new AmqpPublishingErrors(session, options);
  }

  /**
   * Resolves when the broker has confirmed every message: it is then in every queue it was routed to, on disk if they are
   * durable. Messages of one call are written in their order, and confirmed together.
   *
   * @throws MaybeSentError when the broker did not say what became of a message, or when only some were stored.
   * @throws TransportFullError when the broker takes no messages for longer than `blockedTimeout`; nothing was sent.
   * @throws TransportError when a message was refused or reached no queue, or when there is no connection.
   */
  async publish(publications: readonly AmqpPublication[]): Promise<void> {
    const [publication] = publications;
    if (publication !== undefined && publications.length === 1) {
      return this.#send(publication);
    }
    const outcomes = await Promise.allSettled(publications.map((each) => this.#send(each)));
    const errors = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
    const error = errors.find((each) => each instanceof MaybeSentError) ?? errors[0];
    if (error !== undefined) {
      const stored = outcomes.length - errors.length;
      throw stored === 0 ? error : this.#errors.partly(stored, outcomes.length, error);
    }
  }

  /** Waits for what is on its way. What comes later is rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => undefined);
    await this.#confirms?.close();
  }

  async #send(publication: AmqpPublication): Promise<void> {
    let current = publication;
    let deadline = Number.POSITIVE_INFINITY;
    for (;;) {
      const ready = this.#ready(publication);
      const confirms = ready instanceof Promise ? await ready : ready;
      if (isStale(current.address)) {
        current = { ...current, address: await this.#renewed(publication) };
      }
      if ((await confirms.send(current)) === 'confirmed') {
        return;
      }
      const now = performance.now();
      deadline = Math.min(deadline, now + this.#options.endpoint.connectTimeout);
      if (now >= deadline) {
        throw this.#errors.neverWritten(publication);
      }
    }
  }

  /** A channel that takes messages: not as a promise where there is one. */
  #ready(publication: AmqpPublication): AmqpConfirms | Promise<AmqpConfirms> {
    this.#assertOpen(publication);
    return this.#confirms === undefined || this.#session.connection.blockedReason !== undefined
      ? this.#prepare(publication)
      : this.#confirms;
  }

  async #prepare(publication: AmqpPublication): Promise<AmqpConfirms> {
    try {
      await this.#session.connection.unblocked(this.#options.blockedTimeout);
    } catch (error) {
      throw this.#session.errorOf(error);
    }
    this.#assertOpen(publication);
    return this.#confirms ?? this.#open();
  }

  async #renewed(publication: AmqpPublication): Promise<AmqpAddress> {
    if (publication.renewAddress === undefined) {
      throw this.#errors.stale(publication);
    }
    return publication.renewAddress();
  }

  #assertOpen(publication: AmqpPublication): void {
    if (this.#isClosed) {
      throw this.#errors.closed(publication);
    }
  }

  #open(): Promise<AmqpConfirms> {
    this.#opening ??= this.#openChannel().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openChannel(): Promise<AmqpConfirms> {
    const confirms: AmqpConfirms = new AmqpConfirms({
      channel: await this.#session.confirmChannel(),
      options: this.#options,
      errors: this.#errors,
      onGone: () => this.#topology?.forget(),
      onLost: () => {
        if (this.#confirms === confirms) {
          this.#confirms = undefined;
        }
      },
    });
    this.#confirms = confirms;
    return confirms;
  }
}
