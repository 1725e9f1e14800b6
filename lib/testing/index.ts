// The clock that tests move.
export { FakeClock } from './fake-clock.js';

// The transport that tells what became of its messages.
export { InMemoryTransport } from '../transports/in-memory/in-memory.transport.js';
export type { InMemoryTransportOptions } from '../transports/in-memory/in-memory.options.js';

// The names of what a test overrides.
export { getBusToken, getTransportToken, MESSENGER_CLOCK } from '../module/tokens.js';

// A worker that does not wait.
export {
  type ApplicationContext,
  type ProcessedMessages,
  processMessages,
  type ProcessMessagesOptions,
} from './process-messages.js';

// Assertions on envelopes.
export {
  assertMessage,
  assertNoMessage,
  assertNoStamp,
  assertNotSent,
  assertSent,
  assertStamp,
  type Expected,
  type MessageMatcher,
} from './envelope-assertions.js';

// A middleware by itself.
export { type MiddlewareRun, runMiddleware } from './run-middleware.js';

// What every transport has to do.
export { transportConformance } from './transport-conformance.js';
export type {
  ConformanceCase,
  ConformanceContext,
  ConformanceSubject,
  TransportConformanceOptions,
} from './conformance/conformance-options.js';
export {
  TRANSPORT_FEATURES,
  type TransportFeature,
  type TransportFeatures,
} from './conformance/transport-features.js';
