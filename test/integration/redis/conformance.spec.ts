import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { ConformanceContext } from '../../../lib/testing/conformance/conformance-options.js';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { encodeEntry } from '../../../lib/transports/redis/redis.entry-codec.js';
import { RedisTransportFactory } from '../../../lib/transports/redis/redis.transport-factory.js';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { redisUrl, sharedRedisUrl } from './support/shared-redis.js';

describe('Redis transport', () => {
  let redis: Redis;

  beforeAll(() => {
    redis = new Redis(sharedRedisUrl().href, { protocol: 2 });
  });

  afterAll(() => redis.disconnect());

  function create(context: ConformanceContext) {
    const { queueName, transportName, leaseDuration } = context;
    const make = (factory: RedisTransportFactory, stream: string): RedisTransport =>
      factory.create(
        new Dsn(redisUrl(stream), transportName),
        { redeliverTimeout: leaseDuration / 1000, claimInterval: 500 },
        context,
      );
    const factory = new RedisTransportFactory({ env: {} });
    return {
      transport: make(factory, queueName),
      second: () => make(new RedisTransportFactory({ env: {} }), queueName),
      other: () => make(factory, `${queueName}_failed`),
      async insertRaw(encoded: Parameters<typeof encodeEntry>[0]) {
        await redis.xadd(queueName, '*', 'message', encodeEntry(encoded));
      },
      async cleanup() {
        for await (const keys of redis.scanStream({ match: `${queueName}*`, count: 1000 })) {
          await ((keys as string[]).length > 0 ? redis.unlink(keys as string[]) : undefined);
        }
      },
    };
  }

  it.concurrent.each([...transportConformance({ name: 'it', shortLease: 300, create })])('$name', ({ run }) =>
    run(),
  );
});
