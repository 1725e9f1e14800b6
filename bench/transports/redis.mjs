import { randomUUID } from 'node:crypto';

const DEFAULT_URL = 'redis://127.0.0.1:6379';
const SCANNED_AT_ONCE = 1_000;

/**
 * A name on a Redis server, and all keys that contain it. The address is the server's URL with the name as its path.
 *
 * @type {import('../types.d.ts').Transport}
 */
export default {
  name: 'redis',
  async open() {
    const url = serverUrl(process.env.BENCH_REDIS_URL ?? DEFAULT_URL);
    const name = `messenger-bench-${randomUUID()}`;
    const redis = await connect(url);
    url.pathname = name;
    return {
      address: url.href,
      async close() {
        await removeKeys(redis, name);
        await redis.quit();
      },
    };
  },
};

function serverUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer = url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
  if (isServer && ['', '/'].includes(url.pathname)) return url;
  throw new Error('BENCH_REDIS_URL must be like redis://user:password@host:6379, without a path.');
}

/** Imported on use: the harness loads every transport, also before the drivers are installed. */
async function connect(url) {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url.href, { lazyConnect: true, retryStrategy: () => null });
  let cause;
  redis.on('error', (error) => (cause = error));
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    const reason = cause ?? error;
    throw new Error(
      `No Redis answers at ${url.host} (${reason.message}). ` +
        `Start one ("redis-server --save ''") or name another by BENCH_REDIS_URL.`,
      { cause: reason },
    );
  }
}

async function removeKeys(redis, name) {
  const found = redis.scanStream({ match: `*${name}*`, count: SCANNED_AT_ONCE });
  for await (const keys of found) {
    if (keys.length > 0) await redis.unlink(...keys);
  }
}
