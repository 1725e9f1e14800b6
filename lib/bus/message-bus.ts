import type { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';
import type { Command, Query } from './query.js';

/**
 * Takes messages to their handlers, in this process or through a transport. Inject it by this class for the default bus,
 * by `@InjectBus('name')` for another.
 */
export abstract class MessageBus {
  /** The name it was configured under. */
  abstract readonly name: string;

  /**
   * Dispatches one message. Routed to a transport, it resolves once the transport has durably accepted the message; else
   * once its handlers have run, their results in the `HandledStamp`s of the envelope.
   *
   * @throws HandlerFailedError when a handler in this process threw; TransportError when a transport refused the message.
   */
  abstract dispatch<T extends object>(
    message: T | Envelope<T>,
    stamps?: readonly Stamp[],
  ): Promise<Envelope<T>>;

  /**
   * Dispatches several messages, in order, with one command for each transport where the broker allows. If one of them
   * fails before anything is sent (not valid, no route), none is sent. A middleware that lets only one message through at a
   * time makes that impossible: they are then sent one by one.
   *
   * @throws what the first failing message threw.
   */
  abstract dispatchAll<T extends object>(
    messages: ReadonlyArray<T | Envelope<T>>,
    stamps?: readonly Stamp[],
  ): Promise<ReadonlyArray<Envelope<T>>>;

  /**
   * Dispatches a message that exactly one handler answers in this process, and resolves with its result. What the handler
   * threw is thrown as it is, without the `HandlerFailedError` around it.
   *
   * @throws NotHandledOnceError when none or several handled it, or it was sent away.
   */
  abstract execute<R>(message: Query<R> | Command<R>, stamps?: readonly Stamp[]): Promise<R>;
  abstract execute<R = unknown>(message: object, stamps?: readonly Stamp[]): Promise<R>;
}
