import { MessengerError } from './messenger.error.js';

/** A batch handler settled one item a second time. */
export class BatchSettledTwiceError extends MessengerError {
  readonly code = 'MESSENGER_BATCH_SETTLED_TWICE';

  constructor(readonly handlerName: string) {
    super(`Batch handler "${handlerName}" settled an item twice. Call ack() or nack() once for each item.`);
  }
}
