import { AsyncContext } from '../envelope/async-context.js';
import type { Envelope } from '../envelope/envelope.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { MissingMessageIdError } from '../errors/missing-message-id.error.js';
import { quoted } from '../errors/quoted.js';
import { TransactionNotRunError } from '../errors/transaction-not-run.error.js';
import type { MessengerLogger } from '../event/logger.js';
import { HANDLED_BEFORE } from '../handler/handled-before.js';
import { EnvelopeHandlerContext, type HandlerContext } from '../handler/handler-context.js';
import type { HandlerDescriptor, HandlerFunction } from '../handler/handler-descriptor.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import type { Inbox } from '../transport/capabilities.js';
import type { Inboxes } from './inboxes.js';
import { messageKeyOf } from './message-key.js';
import type { RunAmbient } from './run-ambient.js';
import type { TransactionRunner } from './transaction-runner.js';
import { TransactionScope } from './transaction-scope.js';

/** What {@link IdempotentHandling} needs. */
export interface IdempotentHandlingParts {
  readonly inboxes: Inboxes;
  /** Opens the transactions of the application; `undefined`: each inbox opens its own. */
  readonly transactions: TransactionRunner | undefined;
  readonly runAmbient: RunAmbient;
  readonly logger: MessengerLogger;
}

/** One run of a handler for one message, in whatever transaction it is given. */
type Attempt = (scope: TransactionScope) => Promise<unknown>;

/**
 * Lets idempotent handlers handle each message once. A run of such a handler is one transaction, from top to bottom:
 *
 * 1. that this handler has handled this message is recorded. If it was recorded before, the handler is not called. Where
 *    another transaction is about to record the same, the store waits for how that ends;
 * 2. the handler is called, with the transaction in its context;
 * 3. if it has thrown, or its signal was aborted meanwhile, everything is rolled back, the record included; else committed.
 *
 * So the record exists exactly if the work does. The transaction is held until the handler has ended, also when nobody waits for
 * it any more after a time-out: were it ended earlier, what the handler still sends on its connection would be outside of any.
 *
 * It works by taking the place of the function in the handler's descriptor: other handlers pay nothing for it.
 */
export class IdempotentHandling {
  readonly #parts: IdempotentHandlingParts;
  readonly #scopes = new AsyncContext<TransactionScope>();

  constructor(parts: IdempotentHandlingParts) {
    this.#parts = parts;
  }

  /**
   * A descriptor by which an idempotent handler runs as described above. That of any other handler is returned as it is.
   *
   * @throws InvalidOptionError if the handler is idempotent and there is no inbox.
   */
  prepare(descriptor: HandlerDescriptor): HandlerDescriptor {
    if (descriptor.options.idempotent !== true) {
      return descriptor;
    }
    const { name, call } = descriptor;
    if (this.#parts.inboxes.stores.length === 0) {
      throw withoutInbox(name, this.#parts.inboxes.capable);
    }
    return {
      ...descriptor,
      call: (message, context, ...more) => this.#run(name, call, message, context, more),
    };
  }

  async #run(
    handlerName: string,
    call: HandlerFunction,
    message: object,
    { envelope, signal }: HandlerContext,
    more: readonly unknown[],
  ): Promise<unknown> {
    const messageId = messageKeyOf(envelope);
    if (messageId === undefined) {
      assertDispatchedHere(handlerName, envelope);
    }
    const attempt: Attempt = async ({ inbox, transaction }) => {
      signal.throwIfAborted();
      if (messageId !== undefined && !(await inbox.record(transaction, { messageId, handlerName }))) {
        this.#reportSkip(handlerName, messageId, envelope);
        return HANDLED_BEFORE;
      }
      // Recording may have waited for another transaction, for any time.
      signal.throwIfAborted();
      const context = new EnvelopeHandlerContext(envelope, signal, transaction);
      const result = await this.#parts.runAmbient(transaction, async () => call(message, context, ...more));
      signal.throwIfAborted();
      return result;
    };
    const open = this.#scopes.value;
    return open?.isOpen === true
      ? open.join(() => attempt(open))
      : this.#inTransaction(handlerName, envelope, attempt);
  }

  async #inTransaction(handlerName: string, envelope: Envelope, attempt: Attempt): Promise<unknown> {
    const { inboxes, transactions } = this.#parts;
    const inbox = inboxes.of(envelope);
    if (inbox === undefined) {
      throw withoutInbox(handlerName, inboxes.capable);
    }
    // Not the result of the application's function: what matters is that the work was done, whatever it resolves with.
    let outcome: { readonly result: unknown } | { readonly error: unknown } | undefined;
    const work = async (transaction: object): Promise<void> => {
      outcome = undefined;
      try {
        const scope = new TransactionScope(inbox, transaction);
        outcome = { result: await scope.run(() => this.#scopes.run(scope, () => attempt(scope))) };
      } catch (error) {
        outcome = { error };
        throw error;
      }
    };
    await (transactions === undefined ? inbox.transaction(work) : runOn(transactions, inbox, work));
    return resultOf(handlerName, outcome);
  }

  #reportSkip(handlerName: string, messageId: string, { message }: Envelope): void {
    const name = shownMessageName(message);
    this.#parts.logger.log(
      'debug',
      `"${name}" ${messageId} was handled by ${handlerName} before, and is skipped.`,
    );
  }
}

function runOn(
  transactions: TransactionRunner,
  inbox: Inbox,
  work: (transaction: object) => Promise<void>,
): Promise<void> {
  const run = async (): Promise<void> => transactions.run(work);
  return inbox.exclusively === undefined ? run() : inbox.exclusively(run);
}

/** @throws what the work threw, if the application's function has swallowed it; TransactionNotRunError if it never ended. */
function resultOf(
  handlerName: string,
  outcome: { readonly result: unknown } | { readonly error: unknown } | undefined,
): unknown {
  if (outcome === undefined) {
    throw new TransactionNotRunError(handlerName);
  }
  if ('error' in outcome) {
    throw outcome.error;
  }
  return outcome.result;
}

/** @throws MissingMessageIdError for a message that may be delivered again: one dispatched in this process never is. */
function assertDispatchedHere(handlerName: string, envelope: Envelope): void {
  const transport = envelope.last(ReceivedStamp)?.transportName;
  if (transport !== undefined) {
    throw new MissingMessageIdError(handlerName, shownMessageName(envelope.message), transport);
  }
}

function withoutInbox(handlerName: string, capable: readonly string[]): InvalidOptionError {
  const fix =
    capable.length > 0
      ? `Set "inbox" to the name of one that can keep it: ${quoted(capable)}`
      : 'No transport of this application can keep one: add one on the database of the handler, ' +
        '{ db: "sqlite:var/app.db" } for instance, and set "inbox: \'db\'" on the transport the messages come from';
  return new InvalidOptionError(
    `Handler "${handlerName}"`,
    'idempotent',
    `needs an inbox, and no transport has one. ${fix}`,
  );
}
