// Health for applications, in the form of @nestjs/terminus: `nestjs-messenger/health`.
export { MessengerHealthIndicator } from './messenger.health-indicator.js';
export type { MessengerHealth, WorkerCheck } from './messenger.health-indicator.js';
export type { MessengerHealthOptions } from './health-options.js';
export type { TransportCheck } from './transport-check.js';
