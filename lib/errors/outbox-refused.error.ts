import { UnrecoverableError } from './unrecoverable.error.js';

/** A message cannot be forwarded from the outbox, however often it is tried: its transport will never take it. */
export class OutboxRefusedError extends UnrecoverableError {
  override readonly code = 'MESSENGER_OUTBOX_REFUSED';

  constructor(
    readonly transportName: string,
    cause: unknown,
  ) {
    super(
      `Transport "${transportName}" will never take this message from its outbox: ` +
        `${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
