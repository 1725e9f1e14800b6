import { Redis } from 'ioredis';
import { FaultProxy } from '../../integration/redis/support/fault-proxy.js';
import { RedisInstance } from '../../integration/redis/support/redis-instance.js';
import { sharedRedisUrl } from '../../integration/redis/support/shared-redis.js';
import { idsInText } from '../app/messages.js';
import { writeCertificate } from './certificate.js';
import type { ChaosRig, OwnBroker, RigKind, RigOptions } from './chaos-rig.js';
import { Disposal, queryString, uniqueName } from './naming.js';

const LEASE_S = 1;
const CLAIM_INTERVAL_MS = 500;

/** For who looks after the server, whatever certificate that shows. */
const UNCHECKED = { tls: { rejectUnauthorized: false } } as const;

/** Streams on the shared Redis, or on one that writes each command to the disk. */
export const redisRig: RigKind = { transport: 'redis', open };

async function open(options: RigOptions): Promise<ChaosRig> {
  const { ownBroker = false, proxied = false, tls = false, query: ofRig } = options;
  const disposal = new Disposal();
  const prefix = uniqueName();
  const server = ownBroker ? await startServer(disposal, tls) : undefined;
  const direct = server === undefined ? sharedRedisUrl() : new URL(server.url);
  const proxy = proxied
    ? await FaultProxy.start({ host: direct.hostname, port: Number(direct.port) })
    : undefined;
  if (proxy !== undefined) {
    disposal.add(() => proxy.close());
  }
  if (server === undefined) {
    disposal.add(() => withClient(direct, (client) => deleteKeys(client, `${prefix}*`)));
  }
  const common = {
    redeliver_timeout: LEASE_S,
    claim_interval: CLAIM_INTERVAL_MS,
    ...(tls && { 'ssl[cafile]': server?.certificates?.caFile ?? '' }),
  };
  return {
    transport: 'redis',
    redeliveryMs: LEASE_S * 1000 + 2 * CLAIM_INTERVAL_MS,
    settlingMs: 0,
    answersSettlements: true,
    requeuesAtomically: true,
    proxy,
    broker: server && brokerOf(server),
    dsn(queue, query) {
      const url = new URL(direct);
      url.port = String(proxy?.port ?? direct.port);
      url.pathname = `/${prefix}-${queue}`;
      return `${url.href}?${queryString(common, ofRig, query)}`;
    },
    idsIn: (queue) => withClient(direct, (client) => idsOf(client, `${prefix}-${queue}`)),
    dispose: () => disposal.run(),
  };
}

async function startServer(disposal: Disposal, tls: boolean): Promise<RedisInstance> {
  const server = await RedisInstance.start({ appendonly: true, config: ['appendfsync always'], tls });
  disposal.add(() => server.remove());
  return server;
}

function brokerOf(server: RedisInstance): OwnBroker {
  return {
    stop: (how) => server.kill(how === 'crash' ? 'SIGKILL' : 'SIGTERM'),
    start: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    async admit(user, password) {
      const client = server.client();
      await client.call('ACL', 'SETUSER', user, 'resetpass', 'on', `>${password}`, '~*', '&*', '+@all');
      client.disconnect();
    },
    async setFull(isFull) {
      await server.config('maxmemory', isFull ? 1 : 0);
    },
    async certify(by) {
      await writeCertificate(server.certificates, by);
      const client = server.client(UNCHECKED);
      // It reads the files again, although their names are the same.
      await client.config('SET', 'tls-cert-file', server.certificates?.server.certFile ?? '');
      client.disconnect();
    },
  };
}

/** In one step: what is due goes from one of these to another. */
async function idsOf(client: Redis, stream: string): Promise<readonly string[]> {
  const replies = await client
    .multi()
    .xrange(stream, '-', '+')
    .zrange(`${stream}__queue`, '0', '-1')
    .zrange(`${stream}__held`, '0', '-1')
    .exec();
  const messages = (replies ?? []).flatMap(([, reply]) => reply as readonly unknown[]);
  return messages.flatMap((message) => idsInText(JSON.stringify(message)));
}

async function withClient<T>(url: URL, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url.href, { protocol: 2, ...(url.protocol === 'rediss:' && UNCHECKED) });
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

async function deleteKeys(client: Redis, pattern: string): Promise<void> {
  for await (const keys of client.scanStream({ match: pattern, count: 1000 })) {
    if ((keys as string[]).length > 0) {
      await client.unlink(keys as string[]);
    }
  }
}
