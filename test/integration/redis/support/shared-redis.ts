import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';
import type { Lifetime } from './lifetime.js';
import type { ClientOptions } from './redis-instance.js';

const KEYS_PER_SCAN = 1_000;

/**
 * The Redis that all tests share, each with keys of its own: MESSENGER_TEST_REDIS_URL, else the one on port 6379, else one
 * that was started for this run.
 */
export function sharedRedisUrl(): URL {
  return new URL(inject('redisUrl'));
}

/** A connection to the shared Redis, closed at the end. */
export function sharedRedis(options: ClientOptions = {}, lifetime: Lifetime = onTestFinished): Redis {
  const client = new Redis(sharedRedisUrl().href, { protocol: 2, ...options });
  lifetime(() => client.disconnect());
  return client;
}

/** A name that no other test has. Every key that contains it, as `{name}:delayed` does, is deleted at the end. */
export function uniqueStream(lifetime: Lifetime = onTestFinished): string {
  const name = `messenger-test-${process.pid}-${randomBytes(6).toString('hex')}`;
  lifetime(() => deleteKeys(`*${name}*`));
  return name;
}

/** The DSN of a stream in the shared Redis. */
export function redisUrl(
  stream: string,
  params: Readonly<Record<string, string | number | boolean>> = {},
): string {
  const url = sharedRedisUrl();
  const database = url.pathname.slice(1);
  url.pathname = `/${encodeURIComponent(stream)}`;
  if (database !== '') {
    url.searchParams.set('dbindex', database);
  }
  for (const [name, value] of Object.entries(params)) {
    url.searchParams.set(name, String(value));
  }
  return url.href;
}

async function deleteKeys(pattern: string): Promise<void> {
  const client = new Redis(sharedRedisUrl().href, { protocol: 2 });
  try {
    for await (const keys of client.scanStream({ match: pattern, count: KEYS_PER_SCAN })) {
      if ((keys as string[]).length > 0) {
        await client.unlink(keys as string[]);
      }
    }
  } finally {
    client.disconnect();
  }
}
