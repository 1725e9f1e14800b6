import type { Stamp, StampKind, StampType } from './stamp.js';

const NO_STAMPS: readonly Stamp[] = [];

/**
 * A message and the stamps collected on its way. Immutable: every method that changes something returns a new envelope.
 *
 * Stamps keep the order in which they were added. Several of one class may coexist; the one that counts is the last.
 */
export class Envelope<T extends object = object> {
  readonly message: T;
  readonly #stamps: readonly Stamp[];

  constructor(message: T, stamps: readonly Stamp[] = NO_STAMPS) {
    this.message = message;
    this.#stamps = stamps;
  }

  /** Returns `message` if it is an envelope already, else wraps it; in both cases with `stamps` appended. */
  static wrap<T extends object>(message: T | Envelope<T>, stamps: readonly Stamp[] = NO_STAMPS): Envelope<T> {
    if (message instanceof Envelope) {
      return stamps.length === 0 ? message : message.with(...stamps);
    }
    return new Envelope(message, stamps);
  }

  /** This envelope with `stamps` appended. */
  with(...stamps: readonly Stamp[]): Envelope<T> {
    return new Envelope(this.message, [...this.#stamps, ...stamps]);
  }

  /** This envelope without the stamps whose class is exactly `type`. */
  without(type: StampType): Envelope<T> {
    return this.has(type) ? this.#filtered((stamp) => stamp.constructor !== type) : this;
  }

  /** This envelope without the stamps that are instances of `kind`, subclasses included. */
  withoutKindOf(kind: StampKind): Envelope<T> {
    return this.#filtered((stamp) => !(stamp instanceof kind));
  }

  /** The stamp of exactly this class that was added last, if any. */
  last<S extends Stamp>(type: StampType<S>): S | undefined {
    for (let i = this.#stamps.length - 1; i >= 0; i--) {
      const stamp = this.#stamps[i];
      if (stamp?.constructor === type) {
        return stamp as S;
      }
    }
    return undefined;
  }

  /** Whether a stamp of exactly this class is present. */
  has(type: StampType): boolean {
    return this.last(type) !== undefined;
  }

  /** All stamps in the order they were added, or only those of exactly the class `type`. */
  all(): readonly Stamp[];
  all<S extends Stamp>(type: StampType<S>): readonly S[];
  all(type?: StampType): readonly Stamp[] {
    return type === undefined ? this.#stamps : this.#stamps.filter((stamp) => stamp.constructor === type);
  }

  #filtered(keep: (stamp: Stamp) => boolean): Envelope<T> {
    const kept = this.#stamps.filter(keep);
    return kept.length === this.#stamps.length ? this : new Envelope(this.message, kept);
  }
}
