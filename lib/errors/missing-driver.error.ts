import { MessengerError } from './messenger.error.js';

/** A driver package that a transport needs is not installed. */
export class MissingDriverError extends MessengerError {
  readonly code = 'MESSENGER_MISSING_DRIVER';

  constructor(
    readonly transportName: string,
    readonly packages: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      `Transport "${transportName}" needs a driver that is not installed. Run: npm install ${packages[0]}` +
        (packages.length > 1
          ? ` (or one of ${packages
              .slice(1)
              .map((name) => `"${name}"`)
              .join(', ')}).`
          : '.'),
      options,
    );
  }
}
