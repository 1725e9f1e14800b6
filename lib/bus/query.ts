/** The place where a message class keeps the type of its result. Exists for the compiler only. */
declare const RESULT: unique symbol;

/**
 * Base of messages that ask for a result: `class GetOrder extends Query<Order>` makes `bus.execute(new GetOrder(7))` a
 * `Promise<Order>`. Adds nothing at run time.
 */
export abstract class Query<R> {
  declare protected readonly [RESULT]: R;
}

/** Base of commands that answer with something, the id of what they made for instance. See {@link Query}. */
export abstract class Command<R = void> {
  declare protected readonly [RESULT]: R;
}
