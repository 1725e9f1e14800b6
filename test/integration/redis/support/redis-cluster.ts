import { Cluster, type ClusterOptions } from 'ioredis';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.js';
import type { Lifetime } from './lifetime.js';
import type { RedisServerOptions } from './redis-config.js';
import { RedisInstance } from './redis-instance.js';

const SLOTS = 16_384;
const NODES = 3;
const FIRST_SLOTS = Array.from({ length: NODES + 1 }, (_, index) => Math.floor((SLOTS * index) / NODES));

type NodeOptions = Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping'>;

export interface ClusterClientOptions extends Omit<ClusterOptions, 'redisOptions'> {
  readonly redisOptions?: NodeOptions;
}

export interface RedisClusterOptions extends RedisServerOptions {
  /**
   * After how many milliseconds without an answer a node is held to be down. On a busy machine a short one is dangerous:
   * shorten it for the loss of a node only, by `setNodeTimeout`.
   *
   * @default 3000
   */
  readonly nodeTimeout?: number;
}

/** Three masters without replicas, so that the loss of one is the loss of its third of the slots. */
export class RedisCluster {
  readonly #clients: Cluster[] = [];

  constructor(readonly nodes: readonly RedisInstance[]) {}

  /** All nodes, separated by commas. */
  get url(): string {
    return this.nodes.map(({ url }) => url).join(',');
  }

  /** A connection that is closed with the cluster. */
  client({ redisOptions = {}, ...options }: ClusterClientOptions = {}): Cluster {
    const password = this.nodes[0]?.options.requirepass;
    const credentials = password !== undefined && { password };
    const client = new Cluster(
      this.nodes.map(({ host, port }) => ({ host, port })),
      { ...options, redisOptions: { protocol: 2, ...credentials, ...redisOptions } },
    );
    // A command that fails says so to its caller.
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** The node that holds the slot of `key`. */
  async nodeOf(key: string): Promise<RedisInstance> {
    const running = this.nodes.find((node) => node.isRunning);
    if (running === undefined) {
      throw new TypeError('No node of the cluster runs.');
    }
    const slot = await ask(running, 'KEYSLOT', key);
    const index = FIRST_SLOTS.findLastIndex((first) => first <= Number(slot));
    return this.nodes[index] ?? running;
  }

  /** Resolves when every node that runs reports this state. A node needs two seconds after its start. */
  async becomes(state: 'ok' | 'fail'): Promise<void> {
    await eventually(`the cluster's state was "${state}"`, async () => {
      const infos = await Promise.all(
        this.nodes.filter(({ isRunning }) => isRunning).map((node) => ask(node, 'INFO')),
      );
      return infos.every((info) => String(info).includes(`cluster_state:${state}`));
    });
  }

  /** The `nodeTimeout` of all nodes that run. A node that comes back is taken for good after twice that time. */
  async setNodeTimeout(milliseconds: number): Promise<void> {
    const running = this.nodes.filter(({ isRunning }) => isRunning);
    await Promise.all(running.map((node) => node.config('cluster-node-timeout', milliseconds)));
  }

  async remove(): Promise<void> {
    this.#clients.forEach((client) => client.disconnect());
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}

/** A cluster of one's own, which ends with the test, or with the `lifetime` that `perFile` gives. Takes over two seconds. */
export async function startRedisCluster(
  { nodeTimeout = 3_000, ...options }: RedisClusterOptions = {},
  lifetime: Lifetime = onTestFinished,
): Promise<RedisCluster> {
  const config = [
    'cluster-enabled yes',
    `cluster-node-timeout ${nodeTimeout}`,
    'cluster-announce-ip 127.0.0.1',
    ...(options.config ?? []),
  ];
  const starts = Array.from({ length: NODES }, () => RedisInstance.start({ ...options, config }));
  const cluster = new RedisCluster(await Promise.all(starts));
  lifetime(() => cluster.remove());
  await join(cluster.nodes);
  await cluster.becomes('ok');
  return cluster;
}

async function join(nodes: readonly RedisInstance[]): Promise<void> {
  await Promise.all(
    nodes.map(async (node, index) => {
      // Epochs that differ need not be negotiated.
      await ask(node, 'SET-CONFIG-EPOCH', index + 1);
      await ask(node, 'ADDSLOTSRANGE', FIRST_SLOTS[index] ?? 0, (FIRST_SLOTS[index + 1] ?? SLOTS) - 1);
    }),
  );
  await Promise.all(
    nodes.flatMap((node, index) =>
      nodes.slice(index + 1).map(({ host, port }) => ask(node, 'MEET', host, port)),
    ),
  );
}

/** Sends one `CLUSTER` command. */
async function ask(node: RedisInstance, ...args: readonly (string | number)[]): Promise<unknown> {
  const client = node.client();
  try {
    return await client.call('CLUSTER', ...args);
  } finally {
    client.disconnect();
  }
}
