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
