/**
 * The base of every error this package throws. `code` is stable and documented in `docs/errors.md`; the text may change.
 * A message says what is wrong, with which named thing, what is known, and what to do next.
 */
export abstract class MessengerError extends Error {
  /** Stable identifier, e.g. `MESSENGER_UNKNOWN_TRANSPORT`. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
