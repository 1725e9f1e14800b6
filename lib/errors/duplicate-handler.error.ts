import { MessengerError } from './messenger.error.js';

/** Two handlers have one name, so a message that is retried could not tell which of them has handled it. */
export class DuplicateHandlerError extends MessengerError {
  readonly code = 'MESSENGER_DUPLICATE_HANDLER';

  constructor(
    readonly handlerName: string,
    readonly modules: readonly [first: string, second: string],
    /** Whether it is one class that is provided twice, rather than two classes of one name. */
    readonly isSameClass: boolean,
  ) {
    super(isSameClass ? providedTwice(handlerName, modules) : namedAlike(handlerName, modules));
  }
}

function providedTwice(name: string, [first, second]: readonly [string, string]): string {
  const places =
    first === second ? `twice by module "${first}"` : `by module "${first}" and by module "${second}"`;
  return (
    `Handler "${name}" is provided ${places}: it would handle every message twice. ` +
    `Provide its class once, and export it from there.`
  );
}

function namedAlike(name: string, [first, second]: readonly [string, string]): string {
  return (
    `Two handlers are called "${name}", one in module "${first}", one in module "${second}". ` +
    `Rename one of the classes, or give one a name of its own with @MessageHandler(…, { name: '…' }).`
  );
}
