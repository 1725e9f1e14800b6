import type { FailingAppPlace } from '../../fixtures/failing-app.js';
import { describeHostile, describeLongNames, describeStrangeNames } from '../../fixtures/hostile-suite.js';
import { redisUrl, sharedRedis, uniqueStream } from './support/shared-redis.js';

function placeIn(stream: string): FailingAppPlace {
  return {
    dsn: redisUrl(stream),
    failureDsn: redisUrl(`${stream.slice(0, 100)}_failed`),
    insert: async (headers, body) => {
      await sharedRedis().xadd(stream, '*', 'message', JSON.stringify({ body, headers }));
    },
  };
}

describeHostile('Redis', () => placeIn(uniqueStream()));
describeStrangeNames('Redis', (name) => placeIn(`${uniqueStream()} ${name}`));
describeLongNames('Redis', { longest: () => uniqueStream().padEnd(256, 'x'), refusal: /256 bytes/ }, placeIn);
