import { MessengerError } from './messenger.error.js';

/** A controller is decorated as a handler, where nobody looks for one. */
export class MisplacedHandlerError extends MessengerError {
  readonly code = 'MESSENGER_MISPLACED_HANDLER';

  constructor(
    readonly handlerName: string,
    readonly moduleName: string,
  ) {
    super(
      `Handler "${handlerName}" belongs to a controller of module "${moduleName}", and only providers handle messages. ` +
        `Move it to a provider.`,
    );
  }
}
