import { MessengerError } from './messenger.error.js';

/** One application has two configurations of the messenger. */
export class ModuleImportedTwiceError extends MessengerError {
  readonly code = 'MESSENGER_MODULE_IMPORTED_TWICE';

  constructor() {
    super(
      'MessengerModule.forRoot() or forRootAsync() is imported twice in this application. Import it once, in the root ' +
        'module: it is global. Feature modules need no import, or MessengerModule.forFeature().',
    );
  }
}
