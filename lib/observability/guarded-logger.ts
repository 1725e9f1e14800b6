import type { LogContext, LogLevel, MessengerLogger } from '../event/logger.js';

/**
 * Lets nothing a logger throws, or rejects with, reach whoever logs: a broken log shall cost neither a message nor a worker.
 * The line goes to a second logger then, so that it is not lost.
 */
export class GuardedLogger implements MessengerLogger {
  readonly #logger: MessengerLogger;
  readonly #fallback: MessengerLogger;

  constructor(logger: MessengerLogger, fallback: MessengerLogger) {
    this.#logger = logger;
    this.#fallback = fallback;
  }

  enabled(level: LogLevel): boolean {
    try {
      return this.#logger.enabled(level);
    } catch {
      return false;
    }
  }

  log(level: LogLevel, text: string, context?: LogContext): void {
    try {
      // Typed as void, and yet it may be an async method.
      const result: unknown = this.#logger.log(level, text, context);
      if (result instanceof Promise) {
        result.catch(() => this.#logElsewhere(level, text, context));
      }
    } catch {
      this.#logElsewhere(level, text, context);
    }
  }

  #logElsewhere(level: LogLevel, text: string, context: LogContext | undefined): void {
    try {
      this.#fallback.log(level, text, context);
    } catch {
      // There is nowhere left to tell it.
    }
  }
}
