import type { FailingAppPlace } from '../../fixtures/failing-app.js';
import { describeSigning } from '../../fixtures/signing-suite.js';
import { redisUrl, sharedRedis, uniqueStream } from './support/shared-redis.js';

function placeIn(stream: string): FailingAppPlace {
  return {
    dsn: redisUrl(stream),
    failureDsn: redisUrl(`${stream}_failed`),
    insert: async (headers, body) => {
      await sharedRedis().xadd(stream, '*', 'message', JSON.stringify({ body, headers }));
    },
  };
}

describeSigning('Redis', () => placeIn(uniqueStream()));
