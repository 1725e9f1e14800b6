import type { EventType } from '../event/messenger-events.js';
import { declareMethod, inheritedDeclarations, type MethodDeclaration } from './declared-methods.js';

/** One `@OnMessengerEvent`. */
export interface ListenerDeclaration extends MethodDeclaration {
  /** The event class; unchecked. */
  readonly eventType: unknown;
}

const KEY = Symbol.for('nestjs-messenger:event-listeners');

/**
 * Calls the method with each event of a class. The method belongs to a provider of any module; what it returns is awaited.
 * May stand several times on one method.
 *
 * @example
 * ```ts
 * @OnMessengerEvent(WorkerMessageFailedEvent)
 * report(event: WorkerMessageFailedEvent): void {}
 * ```
 */
export function OnMessengerEvent(type: EventType): MethodDecorator {
  return (target: object, method: string | symbol): void => {
    const declaration: ListenerDeclaration = { method, eventType: type };
    declareMethod(KEY, typeof target === 'function' ? target : target.constructor, declaration);
  };
}

/** The listeners of a class, inherited ones included. */
export function listenerDeclarations(type: object): readonly ListenerDeclaration[] {
  return inheritedDeclarations<ListenerDeclaration>(KEY, type);
}
