// The Redis transport, for those who make it themselves or read its stamps: `nestjs-messenger/redis`.
export { RedisTransport } from './redis.transport.js';
export { RedisTransportFactory, type RedisTransportFactorySetup } from './redis.transport-factory.js';
export { RedisReceivedStamp } from './redis.stamps.js';
export type { RedisOptions } from './redis.options.js';
