import 'reflect-metadata';

const KEY = Symbol.for('nestjs-messenger:reset');

/** A class with the method that {@link ResetBetweenMessages} needs. */
export type ResettableClass = abstract new (...args: never[]) => { reset(): void | Promise<void> };

/**
 * Lets a worker call `reset()` on a provider between messages, for a service that keeps something from message to message
 * and shall not carry it over from one to the next. See the worker's option `--no-reset`.
 *
 * It must be asked for: many a class has a method `reset` that means something else, the client of a broker among them.
 */
export function ResetBetweenMessages(): (type: ResettableClass) => void {
  return (type) => Reflect.defineMetadata(KEY, true, type);
}

/** Whether the class or one of its ancestors is decorated with {@link ResetBetweenMessages}. */
export function isResetBetweenMessages(type: object): boolean {
  return Reflect.getMetadata(KEY, type) === true;
}
