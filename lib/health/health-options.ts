import { InvalidOptionError } from '../errors/invalid-option.error.js';

/** What a `MessengerHealthIndicator` looks at, and what it takes for ill. Limits that are left out are not looked at. */
export interface MessengerHealthOptions {
  /** Only these transports. @default all */
  readonly transports?: readonly string[];
  /** How long a broker may take to answer, in milliseconds. @default 3000 */
  readonly timeout?: number;
  /**
   * A transport is down when no worker of the application, on whatever host, has asked it for messages for so long, in milliseconds.
   * Workers tell of it every 15 seconds; so at least 30000 makes sense. One that has its hands full counts as if it had asked.
   */
  readonly maxPollAge?: number;
  /** A transport is down when so many messages are ready that nobody has taken. */
  readonly maxBacklog?: number;
  /** A transport is down when a message has been ready for so long, in milliseconds. Not every broker can tell. */
  readonly maxBacklogAge?: number;
}

/** {@link MessengerHealthOptions} with the defaults filled in. */
export type ResolvedHealthOptions = MessengerHealthOptions & { readonly timeout: number };

const NUMBERS = ['timeout', 'maxPollAge', 'maxBacklog', 'maxBacklogAge'] as const;

/** @throws InvalidOptionError for a number that is none, or is negative. */
export function resolveHealthOptions(options: MessengerHealthOptions): ResolvedHealthOptions {
  for (const name of NUMBERS) {
    const value: unknown = options[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
      throw new InvalidOptionError('MessengerHealthIndicator', name, 'must be a number from 0 up');
    }
  }
  return { timeout: 3000, ...options };
}
