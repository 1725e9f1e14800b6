/** How much a log line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured fields of a log line. `error` is whatever was thrown. */
export type LogContext = Readonly<Record<string, unknown>> & { readonly error?: unknown };

/** Where the core writes its log lines. The Nest module adapts it to Nest's `Logger`. */
export interface MessengerLogger {
  /** Whether a line of this level is shown; lines that are not are never built on the hot path. */
  enabled(level: LogLevel): boolean;
  log(level: LogLevel, text: string, context?: LogContext): void;
}
