import { describe, expect, it } from 'vitest';
import { ConsumerInUseError } from '../../../lib/errors/consumer-in-use.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { deferred, rejectionOf } from '../../fixtures/core.js';
import { type App, startApp } from './support/app.js';
import { conformanceOn } from './support/conformance-on.js';
import { eventually } from './support/eventually.js';
import { perFile } from './support/lifetime.js';
import { type RedisCluster, startRedisCluster } from './support/redis-cluster.js';

/** Streams on different nodes of three that share the slots evenly. */
async function streamsOnEachNode(cluster: RedisCluster): Promise<readonly string[]> {
  const streams = new Map<unknown, string>();
  for (let index = 0; streams.size < cluster.nodes.length; index++) {
    streams.set(await cluster.nodeOf(`stream${index}`), `stream${index}`);
  }
  return cluster.nodes.map((node) => streams.get(node) ?? '');
}

describe('on a Redis cluster', () => {
  // A busy machine must not make nodes believe that others are down.
  const cluster = perFile((lifetime) => startRedisCluster({ nodeTimeout: 15_000 }, lifetime));

  describe('the transport', () => {
    const create = conformanceOn(() => {
      const client = cluster().client();
      return { dsnOf: (stream) => `${cluster().url}/${encodeURIComponent(stream)}`, client: () => client };
    });

    // A hundred applications at once, and servers beside them, on a machine that may be busy.
    const cases = transportConformance({
      name: 'it',
      shortLease: 1000,
      punctuality: 4000,
      patience: 10_000,
      create,
    });

    it.concurrent.each([...cases])('$name', ({ run }) => run());
  });

  /** An application with a stream on each of the nodes. */
  async function setup(handle?: (text: string) => unknown) {
    const streams = await streamsOnEachNode(cluster());
    const [first, second, third] = streams.map((stream) => `${cluster().url}/${stream}`) as [
      string,
      string,
      string,
    ];
    const open = (): App => startApp({ dsn: first, others: { second, third }, ...(handle && { handle }) });
    return { streams, app: open(), open, redis: cluster().client() };
  }

  it('one worker consumes streams of all nodes, and waits on each with one read', async () => {
    const { app } = await setup();
    const worker = app.work({ sleep: 3000 });
    const blocked = async () => {
      const infos = await Promise.all(cluster().nodes.map((node) => node.client().info('clients')));
      return infos.filter((info) => info.includes('blocked_clients:1\r')).length;
    };
    await eventually('it waited on three nodes', async () => (await blocked()) === 3);
    for (const name of Object.keys(app.transports)) {
      const before = performance.now();
      await app.dispatch(name, ...app.to(name));
      await app.handles(name);
      expect(performance.now() - before).toBeLessThan(500);
    }
    expect(await worker.stop()).toBeLessThan(500);
    expect(app.log('error')).toEqual([]);
  });

  it('a waiting worker is woken for a delayed message of another process', async () => {
    const { app, open } = await setup();
    app.work({ sleep: 5000 }, ['second']);
    await eventually('it waited', async () => {
      const infos = await Promise.all(cluster().nodes.map((node) => node.client().info('clients')));
      return infos.some((info) => info.includes('blocked_clients:1\r'));
    });
    const other = open();
    const before = performance.now();
    await other.dispatch('late', new DelayStamp(200), ...other.to('second'));
    await app.handles('late');
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('a message cannot be moved in one step to a stream of another slot; it is stored there, then removed here', async () => {
    const { app } = await setup();
    const [first, second] = [app.transports['async'], app.transports['second']];
    expect(first?.canRequeueTo(second as never)).toBe(false);
    const tagged = startApp({
      dsn: `${cluster().url}/{jobs}`,
      others: { failed: `${cluster().url}/{jobs}_failed` },
    });
    expect(tagged.transport.canRequeueTo(tagged.transports['failed'] as never)).toBe(true);
    expect(tagged.transport.canRequeueTo(tagged.transport)).toBe(true);
  });

  it('replicas are asked for on the node that has the message', async () => {
    const { streams } = await setup();
    for (const stream of streams) {
      const dsn = `${cluster().url}/${stream}?wait_replicas=1&wait_timeout=10`;
      await expect(startApp({ dsn }).dispatch('first')).rejects.toThrow('only 0 of 1 replica(s)');
    }
    const stats = cluster().nodes.map(async (node) => node.client().info('commandstats'));
    for (const stat of await Promise.all(stats)) {
      expect(stat).toContain('cmdstat_wait:calls=1,');
    }
  });

  it('a message whose reply is lost is not sent a second time', async () => {
    const { app, streams, redis } = await setup();
    await redis.del(streams[0] ?? '');
    await app.dispatch('first');
    const node = await cluster().nodeOf(streams[0] ?? '');
    node.pause();
    const error = await rejectionOf(app.dispatch('second'));
    node.resume();
    expect(error.message).toContain('If the command had reached it, it may have been carried out.');
    await app.dispatch('third');
    expect(await redis.xlen(streams[0] ?? '')).toBe(3);
  });

  it('a second live worker is refused a name, and a killed one is succeeded at once', async () => {
    const dsn = `${cluster().url}/named`;
    const open = (): App => startApp({ dsn, options: { consumer: 'worker' } });
    const first = open();
    await first.dispatch('held');
    expect(await first.transport.get()).toHaveLength(1);
    const refused = await rejectionOf(open().transport.get());
    expect(refused).toBeInstanceOf(ConsumerInUseError);
    const node = await cluster().nodeOf('named');
    // As if it were killed: its connections are gone, and it does not come back.
    const rival = open();
    await node.client().call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'NO');
    expect(await eventually('it was succeeded', async () => (await rival.transport.get()).length === 1)).toBe(
      true,
    );
    await expect(first.transport.get()).rejects.toThrow(ConsumerInUseError);
  });

  it('a stream that moves to another node is followed, by a worker that waits also', async () => {
    const app = startApp({ dsn: `${cluster().url}/moving` });
    app.work({ sleep: 3000 });
    await app.dispatch('first');
    await app.handles('first');
    const observer = (await cluster().nodeOf('moving')).client();
    await eventually('it waited', async () =>
      (await observer.info('clients')).includes('blocked_clients:1\r'),
    );
    await reshard(cluster(), 'moving');
    const before = performance.now();
    await app.dispatch('second');
    await app.handles('second');
    expect(performance.now() - before).toBeLessThan(2000);
    expect(app.handled).toEqual(['first', 'second']);
    expect(app.log('error')).toEqual([]);
  });

  it('keeps the companions of a stream in its slot', async () => {
    const { app, streams, redis } = await setup();
    await app.dispatch('late', new DelayStamp(60_000));
    await app.transport.get();
    const node = await cluster().nodeOf(streams[0] ?? '');
    expect(await node.client().keys(`*${streams[0]}*`)).toEqual(
      expect.arrayContaining([streams[0], `{${streams[0]}}__queue`, `{${streams[0]}}__signals`]),
    );
    await redis.del(`{${streams[0]}}__queue`);
  });
});

/** Moves the slot of `key`, with what is in it, to another node. */
async function reshard(cluster: RedisCluster, key: string): Promise<void> {
  const from = await cluster.nodeOf(key);
  const to = cluster.nodes.find((node) => node !== from) ?? from;
  const [source, target] = [from.client(), to.client()];
  const [sourceId, targetId] = await Promise.all([source, target].map((node) => node.cluster('MYID')));
  const slot = String(await source.cluster('KEYSLOT', key));
  await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId ?? '');
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId ?? '');
  const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[];
  await source.call('MIGRATE', to.host, to.port, '', 0, 5000, 'KEYS', ...keys);
  for (const node of [target, source, ...cluster.nodes.map((each) => each.client())]) {
    await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', targetId ?? '');
  }
}

describe('without one node of a Redis cluster', () => {
  const cluster = perFile((lifetime) =>
    startRedisCluster({ appendonly: true, config: ['appendfsync always'] }, lifetime),
  );

  it('dispatches reject and workers wait, and both go on when it is back; what is in hand is not lost', async () => {
    const [first, , third] = await streamsOnEachNode(cluster());
    const [started, finish] = [deferred(), deferred()];
    const app = startApp({
      dsn: `${cluster().url}/${first}`,
      others: { third: `${cluster().url}/${third}` },
      handle: (text) => {
        started.resolve();
        return text === 'slow' ? finish.promise : undefined;
      },
    });
    const worker = app.work({ concurrency: 2, prefetch: 0 });
    await app.dispatch('slow');
    await started.promise;
    await cluster().setNodeTimeout(400);
    await cluster().nodes[0]?.kill();
    const before = performance.now();
    const error = await rejectionOf(app.dispatch('refused'));
    expect(error).toBeInstanceOf(TransportError);
    expect(performance.now() - before).toBeLessThan(3000);
    await cluster().becomes('fail');
    await eventually('a node said so that runs', async () => {
      const { message } = await rejectionOf(app.dispatch('refused', ...app.to('third')));
      return message.includes('is down: some of its slots are served by nobody.');
    });
    await cluster().nodes[0]?.restart();
    await cluster().becomes('ok');
    await eventually('a dispatch was accepted', () => app.dispatch('next').then(() => true));
    await app.handles('next');
    await app.dispatch('third', ...app.to('third'));
    await app.handles('third');
    finish.resolve();
    await eventually(
      'nothing was left',
      async () =>
        (await cluster()
          .client()
          .xlen(first ?? '')) === 0,
    );
    expect(app.handled.filter((text) => text === 'slow')).toHaveLength(1);
    await worker.stop();
  });
});

describe('without any node of a Redis cluster', () => {
  it('dispatches reject with the reason, nothing hangs, and all goes on when they are back', async () => {
    const cluster = await startRedisCluster();
    const app = startApp({ dsn: `${cluster.url}/jobs` });
    const worker = app.work();
    await app.dispatch('first');
    await app.handles('first');
    await eventually('it was acknowledged', async () => (await cluster.client().xlen('jobs')) === 0);
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    for (const text of ['lost', 'lost again']) {
      const before = performance.now();
      const error = await rejectionOf(app.dispatch(text));
      // ioredis 5 does not tell why.
      expect(error.message).toMatch(
        /does not answer \((connect ECONNREFUSED|write EPIPE|read ECONNRESET|the connection was lost)/,
      );
      expect(performance.now() - before).toBeLessThan(3000);
    }
    expect(await worker.stop()).toBeLessThan(2000);
    const again = app.work();
    await Promise.all(cluster.nodes.map((node) => node.restart()));
    await cluster.becomes('ok');
    await eventually('a dispatch was accepted', () => app.dispatch('second').then(() => true));
    await app.handles('second');
    await again.stop();
    const before = performance.now();
    await app.transport.close();
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
