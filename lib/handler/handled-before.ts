/** What a handler function answers instead of a result when it has handled the message on an earlier delivery. */
export const HANDLED_BEFORE: unique symbol = Symbol('nestjs-messenger:handled-before');
