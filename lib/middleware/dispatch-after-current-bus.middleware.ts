import { AsyncContext } from '../envelope/async-context.js';
import type { Envelope } from '../envelope/envelope.js';
import { DelayedMessageHandlingError } from '../errors/delayed-message-handling.error.js';
import { DispatchAfterCurrentBusStamp } from '../stamp/dispatch-after-current-bus.stamp.js';
import { SendTogetherStamp } from '../stamp/send-together.stamp.js';
import { TransactionScopeStamp } from '../stamp/transaction-scope.stamp.js';
import type { CurrentTransaction } from './current-transaction.js';
import type { Middleware, Next } from './middleware.js';

/** A message that waits for the running one, and the rest of the chain it will then go through. */
interface Postponed {
  readonly envelope: Envelope;
  readonly next: Next;
}

/** The message being handled, and the messages that wait for it. */
interface Root {
  readonly postponed: Postponed[];
  isOpen: boolean;
}

/**
 * Which message is being handled in the current asynchronous context. One instance is shared by all buses of an
 * application, so that a message of one bus can wait for a message of another.
 */
export class CurrentDispatch {
  readonly #context = new AsyncContext<Root>();

  get root(): Root | undefined {
    const root = this.#context.value;
    // Closed: a promise nobody awaited outlived the message it belongs to.
    return root?.isOpen === true ? root : undefined;
  }

  run(root: Root, next: Next, envelope: Envelope): Promise<Envelope> {
    return this.#context.run(root, next, envelope);
  }
}

/**
 * Postpones messages with a {@link DispatchAfterCurrentBusStamp} until the message being handled has succeeded.
 *
 * - Dispatched while a message is handled: the stamped message waits; its dispatch resolves at once, unhandled.
 * - Dispatched on its own: the stamp has no effect.
 * - The handled message fails: what waits for it is dropped, and the error is passed on.
 * - It succeeds: what waited goes on through the rest of the chain, in order. If one of them fails, what it postponed in
 *   its turn is dropped, the others still run, and one {@link DelayedMessageHandlingError} tells of all failures.
 *
 * Dispatched in a transaction (`Messenger.inTransaction`), it is sent in that transaction, or not at all.
 *
 * What belongs to one dispatch lives in its asynchronous context, so dispatches at the same time never mix.
 */
export class DispatchAfterCurrentBusMiddleware implements Middleware {
  readonly #current: CurrentDispatch;
  readonly #transactions: CurrentTransaction;
  readonly #isOnlySent: (envelope: Envelope) => boolean;

  /** @param isOnlySent whether nothing is called on the rest of a message's way that could dispatch another. */
  constructor(
    current: CurrentDispatch,
    transactions: CurrentTransaction,
    isOnlySent: (envelope: Envelope) => boolean,
  ) {
    this.#current = current;
    this.#transactions = transactions;
    this.#isOnlySent = isOnlySent;
  }

  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const root = this.#current.root;
    if (!envelope.has(DispatchAfterCurrentBusStamp)) {
      return root === undefined ? this.#handleAsRoot(envelope, next) : next(envelope);
    }
    if (root === undefined) {
      return this.#handleAsRoot(envelope.without(DispatchAfterCurrentBusStamp), next);
    }
    // It will be sent by itself: those it was dispatched together with do not wait for it.
    const later = envelope.without(DispatchAfterCurrentBusStamp).without(SendTogetherStamp);
    // A transaction that was begun inside of the message being handled will have ended by then.
    const scope = this.#transactions.scope;
    root.postponed.push({
      envelope: scope === undefined ? later : later.with(new TransactionScopeStamp(scope)),
      next,
    });
    return Promise.resolve(envelope);
  }

  #handleAsRoot(envelope: Envelope, next: Next): Promise<Envelope> {
    // A context costs as much as the rest of the chain.
    return this.#isOnlySent(envelope) ? next(envelope) : this.#handleInContext(envelope, next);
  }

  async #handleInContext(envelope: Envelope, next: Next): Promise<Envelope> {
    const root: Root = { postponed: [], isOpen: true };
    let handled: Envelope;
    try {
      handled = await this.#current.run(root, next, envelope);
    } finally {
      root.isOpen = false;
    }
    if (root.postponed.length > 0) {
      await this.#handlePostponed(root.postponed, handled);
    }
    return handled;
  }

  async #handlePostponed(waiting: Postponed[], handled: Envelope): Promise<void> {
    const errors: unknown[] = [];
    for (let current = waiting.shift(); current !== undefined; current = waiting.shift()) {
      const root: Root = { postponed: [], isOpen: true };
      try {
        await this.#current.run(root, current.next, current.envelope);
        waiting.push(...root.postponed);
      } catch (error) {
        errors.push(error);
      } finally {
        root.isOpen = false;
      }
    }
    if (errors.length > 0) {
      throw new DelayedMessageHandlingError(handled, errors);
    }
  }
}
