import { MessengerError } from './messenger.error.js';

/** A person left a question of a console command unanswered: Ctrl+C, or the end of the input. */
export class PromptAbortedError extends MessengerError {
  readonly code = 'MESSENGER_PROMPT_ABORTED';

  constructor(readonly question: string) {
    super(`"${question}" was not answered. What was done before stays done; nothing else was changed.`);
  }
}
