/**
 * A piece of metadata that rides on an {@link Envelope} beside the message.
 *
 * A class rather than an interface, because stamps are looked up by their constructor. Stamps are immutable.
 * A stamp class that must survive a broker is registered under a wire name with `@AsStamp('name')`.
 */
export abstract class Stamp {
  /** Makes the type nominal: an empty class would accept any object. Never present at run time. */
  declare protected readonly stamp: true;
}

/** A stamp that only has a meaning inside this process: every serializer drops it before encoding. */
export abstract class NonSendableStamp extends Stamp {
  declare protected readonly nonSendable: true;
}

/** A concrete stamp class, as accepted by `envelope.last(Type)`. */
export type StampType<S extends Stamp = Stamp> = new (...args: never[]) => S;

/** Any stamp class, abstract ones included, as accepted by `envelope.withoutKindOf(Type)`. */
export type StampKind<S extends Stamp = Stamp> = abstract new (...args: never[]) => S;
