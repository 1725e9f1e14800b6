import type { AmqpDelivery } from './amqp.stamps.js';
import { AmqpSubscription } from './amqp.subscription.js';

/** Called when a channel is gone, with whose end the broker has taken back what was received on it and not settled. */
export type AmqpLossListener = (channel: object) => void;

/** Who wants to know which messages were lost with their channel. */
export class AmqpLosses {
  readonly #listeners = new Set<AmqpLossListener>();

  /** Returns how to stop listening. */
  listen(listener: AmqpLossListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(channel: object): void {
    this.#listeners.forEach((listener) => listener(channel));
  }
}

/** Whether a message can still be settled, as far as this process knows: with its channel, it is given back. */
export function isHeld({ channel }: AmqpDelivery): boolean {
  return !(channel instanceof AmqpSubscription) || channel.isOpen;
}
