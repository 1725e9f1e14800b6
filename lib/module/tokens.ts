/** The token of a bus, for `overrideProvider` and `app.get`. The default bus also answers to the class `MessageBus`. */
export function getBusToken(name: string): string {
  return `MessengerBus(${name})`;
}

/** The token of a transport, for `overrideProvider` and `app.get`. Whatever overrides it is used by buses and workers. */
export function getTransportToken(name: string): string {
  return `MessengerTransport(${name})`;
}

/** The `Clock` that delays, leases and workers go by. Override it with a fake clock to move time in a test. */
export const MESSENGER_CLOCK = 'MessengerClock';

/** The `MessengerLogger` that everything logs to. */
export const MESSENGER_LOGGER = 'MessengerLogger';

/** `ResolvedMessengerOptions`. */
export const RESOLVED_OPTIONS = Symbol('MessengerResolvedOptions');

/** `FailurePolicies`: retry strategy and failure transport of each transport. */
export const FAILURE_POLICIES = Symbol('MessengerFailurePolicies');
