import { MessengerError } from './messenger.error.js';

/** Two stamp classes claim one wire name. */
export class DuplicateStampNameError extends MessengerError {
  readonly code = 'MESSENGER_DUPLICATE_STAMP_NAME';

  constructor(
    readonly stampName: string,
    readonly firstClass: string,
    readonly secondClass: string,
  ) {
    super(
      `Two stamp classes, "${firstClass}" and "${secondClass}", have the name "${stampName}". ` +
        `Give one of them another with @AsStamp('…').`,
    );
  }
}
