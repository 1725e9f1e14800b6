import { Redis } from 'ioredis';
import type { TestProject } from 'vitest/node';
import { RedisInstance } from '../integration/redis/support/redis-instance.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Redis that tests share. */
    readonly redisUrl: string;
  }
}

const USUAL_URL = 'redis://127.0.0.1:6379';

/**
 * Finds the Redis that tests share, or starts one for this run.
 *
 * @throws when MESSENGER_TEST_REDIS_URL names a server that does not answer; when there is neither a server nor the
 * binary to start one
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const wanted = process.env['MESSENGER_TEST_REDIS_URL'];
  if (wanted !== undefined && wanted !== '') {
    await ping(wanted);
    project.provide('redisUrl', wanted);
    return undefined;
  }
  if (await answers(USUAL_URL)) {
    project.provide('redisUrl', USUAL_URL);
    return undefined;
  }
  const instance = await RedisInstance.start({});
  project.provide('redisUrl', instance.url);
  return () => instance.remove();
}

async function ping(url: string): Promise<void> {
  try {
    await connectAndPing(url);
  } catch (cause) {
    const place = URL.canParse(url) ? new URL(url).host : 'what is no URL';
    throw new Error(
      `MESSENGER_TEST_REDIS_URL names a Redis at "${place}", which does not answer a PING. ` +
        'Start it, or unset the variable: then the tests start one.',
      { cause },
    );
  }
}

async function answers(url: string): Promise<boolean> {
  return connectAndPing(url).then(
    () => true,
    () => false,
  );
}

async function connectAndPing(url: string): Promise<void> {
  const client = new Redis(url, {
    protocol: 2,
    lazyConnect: true,
    connectTimeout: 2_000,
    retryStrategy: null,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}
