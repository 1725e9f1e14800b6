import { NotConsumableError } from '../../errors/not-consumable.error.js';
import { quoted } from '../../errors/quoted.js';

/** Which of a transport's queues are consumed. */
export class AmqpQueueChoice {
  readonly #transportName: string;
  readonly #known: readonly string[];
  #chosen: readonly string[];

  /** @param known the queues of the transport. */
  constructor(transportName: string, known: readonly string[]) {
    this.#transportName = transportName;
    this.#known = known;
    this.#chosen = known;
  }

  /** Another list, by identity, for another choice. */
  get chosen(): readonly string[] {
    return this.#chosen;
  }

  /**
   * @param queues by name; `undefined`: all.
   * @returns whether the choice is another one now.
   * @throws NotConsumableError when the transport has no queues, or none of this name.
   */
  choose(queues: readonly string[] | undefined): boolean {
    if (this.#known.length === 0) {
      throw new NotConsumableError(
        this.#transportName,
        'has no queues: messages are only sent to it. Name some in "queues"',
      );
    }
    const unknown = queues?.find((queue) => !this.#known.includes(queue));
    if (unknown !== undefined) {
      throw new NotConsumableError(
        this.#transportName,
        `has no queue "${unknown}"; it has ${quoted(this.#known)}`,
      );
    }
    const wanted = queues ?? this.#known;
    const isSame =
      wanted.length === this.#chosen.length && wanted.every((each, i) => each === this.#chosen[i]);
    if (!isSame) {
      this.#chosen = [...new Set(wanted)];
    }
    return !isSame;
  }
}
