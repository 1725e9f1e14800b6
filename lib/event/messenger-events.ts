import type { MessengerLogger } from './logger.js';

/** An event class. */
export type EventType<E extends object = object> = abstract new (...args: never[]) => E;

/** Called with each event of a class, in the order of registration; the next listener waits for a returned promise. */
export type EventListener<E extends object = object> = (event: E) => void | Promise<void>;

/**
 * Tells listeners what happens to messages and workers. Events report, and some can be influenced through their methods;
 * nothing that the package itself does depends on a listener.
 */
export class MessengerEvents {
  readonly #logger: MessengerLogger;
  readonly #listeners = new Map<EventType, EventListener[]>();

  constructor(logger: MessengerLogger) {
    this.#logger = logger;
  }

  /** Listens to events of exactly this class. Returns a function that ends it. */
  on<E extends object>(type: EventType<E>, listener: EventListener<E>): () => void {
    const added = listener as EventListener;
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), added]);
    return () => {
      this.#listeners.set(
        type,
        (this.#listeners.get(type) ?? []).filter((other) => other !== added),
      );
    };
  }

  /** Whether anybody listens: asked before an event is built on the hot path. */
  hasListeners(type: EventType): boolean {
    const listeners = this.#listeners.get(type);
    return listeners !== undefined && listeners.length > 0;
  }

  /** Calls the listeners. One that throws or rejects stops the others, and the error reaches the caller. */
  async dispatch(event: object): Promise<void> {
    for (const listener of this.#listenersOf(event)) {
      await listener(event);
    }
  }

  /** Calls every listener. One that throws or rejects is logged, and the others are still called. Never rejects. */
  async notify(event: object): Promise<void> {
    for (const listener of this.#listenersOf(event)) {
      try {
        await listener(event);
      } catch (error) {
        this.#logger.log('error', `A listener of "${event.constructor.name}" threw.`, { error });
      }
    }
  }

  #listenersOf(event: object): readonly EventListener[] {
    return this.#listeners.get(event.constructor as EventType) ?? [];
  }
}
