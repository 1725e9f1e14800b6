import type { RetryOptions } from '../../../lib/retry/multiplier.retry-strategy.js';

/** What a scenario may choose. */
export interface ChaosAppOptions {
  /** Holds the ledger. */
  readonly folder: string;
  /** The DSNs of the transports: `async` takes all but {@link ChaosAppOptions.keyed}, `failed` is the failure transport. */
  readonly dsns: Readonly<Record<'async' | 'keyed' | 'failed', string>>;
  /** Further transports by their names, for a failure transport elsewhere, an inbox or an outbox. @default none */
  readonly more?: Readonly<Record<string, string>>;
  /** @default { maxRetries: 3, delay: 50, multiplier: 1, jitter: 0 } */
  readonly retry?: RetryOptions;
  /** The failure transport. @default failed */
  readonly failureTransport?: string;
  /** Where it is remembered what idempotent handlers have handled: see `TransportOptions.inbox`. @default none */
  readonly inbox?: string | true;
  /** See `TransportOptions.outbox`. @default none */
  readonly outbox?: string;
  /** The database of the outbox, as the application opens it: a URL of PostgreSQL or `sqlite:<file>`. Needed with `outbox`. */
  readonly database?: string;
  /** The most that a relay gets from an outbox at once. @default what it asks for: hundreds */
  readonly relayedTogether?: number;
  /** @default 5 */
  readonly maxDeliveries?: number;
}

/** The environment variable that holds them in a process, as JSON. */
const OPTIONS_VARIABLE = 'E2E_OPTIONS';

/** The options of a spawned process. @throws TypeError if nobody gave any. */
export function optionsFromEnvironment(): ChaosAppOptions {
  const json = process.env[OPTIONS_VARIABLE];
  if (json === undefined) {
    throw new TypeError(`${OPTIONS_VARIABLE} is not set. Start the application by a ChaosRun.`);
  }
  return JSON.parse(json) as ChaosAppOptions;
}
