import { onTestFinished } from 'vitest';
import type { Lifetime } from './lifetime.js';
import type { RedisServerOptions } from './redis-config.js';
import { RedisInstance } from './redis-instance.js';

/** A server of one's own, which ends with the test, or with the `lifetime` that `perFile` gives. */
export async function startRedisServer(
  options: RedisServerOptions = {},
  lifetime: Lifetime = onTestFinished,
): Promise<RedisInstance> {
  const instance = await RedisInstance.start(options);
  lifetime(() => instance.remove());
  return instance;
}
