/** What a test may choose. */
export interface BrokerAppOptions {
  /** Holds the ledger and the switches. */
  readonly folder: string;
  /** The DSN of each transport. */
  readonly dsns: Readonly<Record<'async' | 'high' | 'low' | 'failed', string>>;
  /** How often a message may be delivered before it counts as one that kills its workers. @default 5 */
  readonly maxDeliveries?: number;
}

/** The options of a spawned process. */
export function optionsFromEnvironment(): BrokerAppOptions {
  const { E2E_OPTIONS } = process.env;
  if (E2E_OPTIONS === undefined) {
    throw new TypeError('E2E_OPTIONS is not set.');
  }
  return JSON.parse(E2E_OPTIONS) as BrokerAppOptions;
}
