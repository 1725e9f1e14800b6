import { MessengerError } from './messenger.error.js';

/** An application has no `MessengerModule.forRoot()`: a command was run on it, or it imports the bare class or `forFeature()`. */
export class ModuleMissingError extends MessengerError {
  readonly code = 'MESSENGER_MODULE_MISSING';

  constructor() {
    super(
      'The application does not import the "MessengerModule" with its options. ' +
        'Add "MessengerModule.forRoot({ … })" to the imports of its root module.',
    );
  }
}
