import type { MessengerLogger } from '../event/logger.js';
import { asSentence } from '../failure/as-sentence.js';
import { summarizeError } from '../failure/flatten-error.js';
import type { HostProcess } from './host-process.js';

/**
 * Keeps a worker alive when code of the application fails where nobody can catch it: a promise that nobody awaited, a
 * callback that threw. No message may end a worker, and its other messages go on; so the error is logged and counted.
 *
 * An application that would rather end adds a listener of its own to `process`; it is called as well.
 */
export class StrayErrors {
  readonly #host: HostProcess;
  readonly #logger: MessengerLogger;
  readonly #onRejection = (error: unknown): void =>
    this.#report('A promise was rejected and nobody handled it', error);
  readonly #onException = (error: unknown): void =>
    this.#report('An error was thrown where nobody could catch it', error);
  #count = 0;

  constructor(host: HostProcess, logger: MessengerLogger) {
    this.#host = host;
    this.#logger = logger;
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Listens from now on until the process ends. */
  watch(): void {
    this.#host.on('unhandledRejection', this.#onRejection);
    this.#host.on('uncaughtException', this.#onException);
  }

  #report(what: string, error: unknown): void {
    this.#count += 1;
    this.#logger.log(
      'error',
      `${what}: ${summary(error)} The worker goes on; look for a missing "await" or an "error" event without a listener.`,
      { error },
    );
  }
}

function summary(error: unknown): string {
  const { errorClass, message } = summarizeError(error);
  return asSentence(`${errorClass}: ${message}`);
}
