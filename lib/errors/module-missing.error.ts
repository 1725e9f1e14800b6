import { MessengerError } from './messenger.error.js';

/** A command was run on an application that does not use the package. */
export class ModuleMissingError extends MessengerError {
  readonly code = 'MESSENGER_MODULE_MISSING';

  constructor() {
    super(
      'The application does not import the "MessengerModule". ' +
        'Add "MessengerModule.forRoot({ … })" to the imports of its root module.',
    );
  }
}
