// The public API, name by name. A test freezes this list.

// Envelope and stamps
export { Envelope } from './envelope/envelope.js';
export { NonSendableStamp, Stamp } from './envelope/stamp.js';
export type { StampKind, StampType } from './envelope/stamp.js';
