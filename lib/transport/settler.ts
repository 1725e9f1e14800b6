import type { Envelope } from '../envelope/envelope.js';
import type { MessengerLogger } from '../event/logger.js';
import { isRequeueable, type RequeueItem } from './capabilities.js';
import { Gatherer } from './gatherer.js';
import type { Receiver, Sender, SettleResult } from './transport.js';

/** Milliseconds to wait before each further try of a settlement that the transport could not carry out. */
const RETRY_AFTER_MS = [50, 250, 1000];

/** What became of one requeue. */
type Outcome = { readonly isOurs: boolean } | { readonly error: unknown };

/** What a settlement is about, for the log. */
type Verb = 'acknowledge' | 'reject' | 'requeue';

/**
 * Settles received messages with their transport. What is settled in one turn of the event loop goes out as one command.
 *
 * A settlement that comes too late, because the lease was lost, is logged and counted: the message is somebody else's by
 * now. One that the transport cannot carry out is tried again for a little over a second, then logged: the message will
 * be delivered again. Neither is thrown; only {@link requeue} rejects, since its caller has another way to store the copy.
 */
export class Settler {
  readonly #receiver: Receiver;
  readonly #transportName: string;
  readonly #logger: MessengerLogger;
  readonly #acks: Gatherer<Envelope, boolean>;
  readonly #rejects: Gatherer<Envelope, boolean>;
  readonly #requeues: Gatherer<RequeueItem, Outcome>;
  #lateCount = 0;

  constructor(receiver: Receiver, transportName: string, logger: MessengerLogger) {
    this.#receiver = receiver;
    this.#transportName = transportName;
    this.#logger = logger;
    this.#acks = this.#gathererOf('acknowledge', (envelopes) => receiver.ack(envelopes));
    this.#rejects = this.#gathererOf('reject', (envelopes) => receiver.reject(envelopes));
    this.#requeues = new Gatherer((items) => this.#requeueEach(items));
  }

  /** How many settlements came too late. */
  get lateCount(): number {
    return this.#lateCount;
  }

  /** Settles a handled message. Resolves with whether it was still ours. */
  ack(envelope: Envelope): Promise<boolean> {
    return this.#acks.add(envelope);
  }

  /** Settles a message that was given up, or whose copy is stored elsewhere. Resolves with whether it was still ours. */
  reject(envelope: Envelope): Promise<boolean> {
    return this.#rejects.add(envelope);
  }

  /** Whether {@link requeue} can store a copy in `target` in the same step. */
  canRequeueTo(target: Sender): boolean {
    return isRequeueable(this.#receiver) && this.#receiver.canRequeueTo(target);
  }

  /** Settles a message and stores its copy in one step. Rejects, with nothing changed, if the copy cannot be stored. */
  async requeue(item: RequeueItem): Promise<boolean> {
    const outcome = await this.#requeues.add(item);
    if ('error' in outcome) {
      throw outcome.error;
    }
    return outcome.isOurs;
  }

  /** Resolves when every settlement asked for so far has been carried out or given up. */
  async drained(): Promise<void> {
    await Promise.all([this.#acks.drained(), this.#rejects.drained(), this.#requeues.drained()]);
  }

  async #requeueEach(items: readonly RequeueItem[]): Promise<readonly Outcome[]> {
    try {
      const result = isRequeueable(this.#receiver) ? await this.#receiver.requeue(items) : undefined;
      const received = items.map((item) => item.received);
      return this.#report('requeue', received, result).map((isOurs) => ({ isOurs }));
    } catch (error) {
      // One copy that cannot be stored shall not spoil the others; nothing was changed, so each gets a try of its own.
      return items.length === 1
        ? [{ error }]
        : (await Promise.all(items.map((item) => this.#requeueEach([item])))).flat();
    }
  }

  #gathererOf(
    verb: Verb,
    settle: (envelopes: readonly Envelope[]) => Promise<SettleResult>,
  ): Gatherer<Envelope, boolean> {
    return new Gatherer(async (envelopes) => {
      for (let attempt = 0; ; attempt++) {
        try {
          return this.#report(verb, envelopes, await settle(envelopes));
        } catch (error) {
          const delay = RETRY_AFTER_MS[attempt];
          if (delay === undefined) {
            this.#logger.log(
              'error',
              `Could not ${verb} ${envelopes.length} message(s) of transport "${this.#transportName}"; they will be delivered again.`,
              { error },
            );
            return envelopes.map(() => false);
          }
          await new Promise((resolve) => setTimeout(resolve, delay * (0.75 + Math.random() / 2)));
        }
      }
    });
  }

  #report(verb: Verb, envelopes: readonly Envelope[], result: SettleResult): readonly boolean[] {
    if (!Array.isArray(result?.lost) || result.lost.length === 0) {
      return envelopes.map(() => true);
    }
    this.#lateCount += result.lost.length;
    this.#logger.log(
      'warn',
      `Too late to ${verb} ${result.lost.length} message(s) of transport "${this.#transportName}": the lease was lost, ` +
        `and another worker may have handled them too.`,
    );
    const lost = new Set(result.lost);
    return envelopes.map((envelope) => !lost.has(envelope));
  }
}
