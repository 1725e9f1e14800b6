import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.js';
import type { Lifetime } from './lifetime.js';
import { type ClientOptions, RedisInstance, type ServerKind } from './redis-instance.js';

const NAME = 'mymaster';
const SENTINEL: ServerKind = { args: ['--sentinel'], ready: /\+monitor master/ };

/**
 * Sentinel's own periods are made for machines far from each other. A replica whose last INFO is older than three periods, or
 * than five pings when the master is down, is not promoted, so they may not be much shorter. A clock that jumps is a busy
 * machine here.
 */
const PERIODS = ['INFO-PERIOD 500', 'PING-PERIOD 500', 'PUBLISH-PERIOD 100', 'TILT-TRIGGER 10000'];
const FAILOVER_DEADLINE_MS = 15_000;

export interface RedisSentinelOptions {
  /** Of the master and the replica. */
  readonly password?: string;
  /** Of the Sentinel itself. */
  readonly sentinelPassword?: string;
  /**
   * After how many milliseconds without an answer a server is held to be down.
   *
   * @default 1000
   */
  readonly downAfter?: number;
}

/** Two servers, one of which replicates the other, and one Sentinel, which decides alone. */
export class RedisSentinel {
  readonly name = NAME;
  readonly #options: RedisSentinelOptions;
  readonly #clients: Redis[] = [];

  constructor(
    /** The master of the beginning comes first. */
    readonly servers: readonly RedisInstance[],
    readonly sentinel: RedisInstance,
    options: RedisSentinelOptions,
  ) {
    this.#options = options;
  }

  /** A connection to whoever is the master. It is closed with the servers. */
  client(options: ClientOptions = {}): Redis {
    const { password, sentinelPassword } = this.#options;
    const client = new Redis({
      sentinels: [{ host: this.sentinel.host, port: this.sentinel.port }],
      name: NAME,
      protocol: 2,
      retryStrategy: () => 20,
      sentinelRetryStrategy: () => 20,
      maxRetriesPerRequest: 250,
      ...(password !== undefined && { password }),
      ...(sentinelPassword !== undefined && { sentinelPassword }),
      ...options,
    });
    // A command that fails says so to its caller.
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** The server that the Sentinel names as the master. */
  async master(): Promise<RedisInstance> {
    const address = await this.#ask('GET-MASTER-ADDR-BY-NAME', NAME);
    const port = Number((address as readonly string[])[1]);
    return this.servers.find((server) => server.port === port) ?? this.#unknown(port);
  }

  /**
   * Makes the replica the master, by command or by killing the master, which then stays dead until its `restart()`.
   *
   * @returns the new master, once it and the old one, if it runs, know their roles
   */
  async failover(by: 'command' | 'kill' = 'command'): Promise<RedisInstance> {
    // Else a second failover would wait for twice its time-out since the first.
    await this.#ask('RESET', NAME);
    await this.ready();
    const before = await this.master();
    await (by === 'kill' ? before.kill() : this.#ask('FAILOVER', NAME));
    const changed = async (): Promise<RedisInstance | false> => {
      const now = await this.master();
      const isOver = now !== before && (await roleOf(now)) === 'master';
      return isOver && (by === 'kill' || (await roleOf(before)) === 'slave') && now;
    };
    return eventually('the replica was the master', changed, FAILOVER_DEADLINE_MS);
  }

  /** Resolves when the Sentinel could fail over: the replica is in step and known. */
  async ready(): Promise<void> {
    for (const period of PERIODS) {
      await this.#ask('DEBUG', ...period.split(' '));
    }
    await eventually('the Sentinel knew a replica in step', async () => {
      const [replica = []] = (await this.#ask('REPLICAS', NAME)) as string[][];
      const fields = new Map(replica.map((field, index) => [field, replica[index + 1]]));
      return fields.get('master-link-status') === 'ok' && fields.get('flags') === 'slave';
    });
  }

  async remove(): Promise<void> {
    this.#clients.forEach((client) => client.disconnect());
    await Promise.all([this.sentinel, ...this.servers].map((server) => server.remove()));
  }

  async #ask(...args: readonly string[]): Promise<unknown> {
    const client = this.sentinel.client();
    try {
      return await client.call('SENTINEL', ...args);
    } finally {
      client.disconnect();
    }
  }

  #unknown(port: number): never {
    throw new RangeError(`The Sentinel names a master on port ${port}, which is none of the servers.`);
  }
}

/** Servers of one's own, which end with the test, or with the `lifetime` that `perFile` gives. Takes about two seconds. */
export async function startRedisSentinel(
  options: RedisSentinelOptions = {},
  lifetime: Lifetime = onTestFinished,
): Promise<RedisSentinel> {
  const { password, sentinelPassword, downAfter = 1_000 } = options;
  const auth = password !== undefined && { requirepass: password };
  const master = await RedisInstance.start({ ...auth });
  lifetime(() => master.remove());
  const replica = await RedisInstance.start({ ...auth, replicaOf: master });
  lifetime(() => replica.remove());
  const config = [
    `sentinel monitor ${NAME} ${master.host} ${master.port} 1`,
    `sentinel down-after-milliseconds ${NAME} ${downAfter}`,
    `sentinel failover-timeout ${NAME} 2000`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${NAME} ${password}`]),
  ];
  const sentinelAuth = sentinelPassword !== undefined && { requirepass: sentinelPassword };
  const sentinel = await RedisInstance.start({ ...sentinelAuth, config }, SENTINEL);
  const all = new RedisSentinel([master, replica], sentinel, options);
  lifetime(() => all.remove());
  await all.ready();
  return all;
}

async function roleOf(server: RedisInstance): Promise<unknown> {
  const client = server.client();
  try {
    return ((await client.role()) as readonly unknown[])[0];
  } finally {
    client.disconnect();
  }
}
