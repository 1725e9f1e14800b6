import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { application, drain, idOf, note, notes, only, textsOf } from './setup.js';
import { eventually } from './support/eventually.js';
import { startRedisCluster } from './support/redis-cluster.js';
import { startRedisServer } from './support/redis-server.js';

const PAGE = readFileSync(join(__dirname, '../../../docs/transports/redis.md'), 'utf8');

/** The user that the documentation shows: `shop on >secret ~orders* …`. */
const DOCUMENTED = /^user (shop on >secret .*)$/m.exec(PAGE)?.[1] ?? '';

/** A server with the user `shop`, and transports for it. */
async function setup(user: string) {
  const server = await startRedisServer({ acl: [user] });
  const urlOf = (stream: string): string => `redis://shop:secret@127.0.0.1:${server.port}/${stream}`;
  const { open, logger } = application({ stream: 'orders', urlOf });
  const failed = application({ stream: 'orders_failed', urlOf });
  return { open, logger, openFailed: failed.open, redis: server.client() };
}

/** Does everything that a transport can do. */
async function exercise({
  open,
  openFailed,
}: Pick<Awaited<ReturnType<typeof setup>>, 'open' | 'openFailed'>) {
  const options = { consumer: 'slot', claimInterval: 500 };
  const transport = open({ ...options, streamMaxEntries: 100, waitReplicas: 0 });
  const target = openFailed();
  await transport.setup();
  await transport.send(notes('a', 'b', 'c', 'd'));
  await transport.send([note('late', new DelayStamp(50))]);
  await transport.writeSignal('stop');
  await transport.readSignal('stop');
  await transport.roll.enter('host:1:a', 'details', 1000);
  expect(await transport.roll.entries()).toHaveLength(1);
  await transport.roll.leave('host:1:a');
  await transport.ping();
  await transport.locks.acquire('job', 'token', 1000);
  await transport.locks.release('job', 'token');
  const [a, b, c, d] = await transport.get({ max: 4 });
  await transport.keepalive([a!]);
  await transport.ack([a!]);
  await transport.reject([b!]);
  await transport.release([c!]);
  await transport.requeue([{ received: d!, copy: note('retried', new DelayStamp(20)), to: transport }]);
  expect((await drain(transport, 10, 500)).length).toBe(3);
  await target.send([note('failed')]);
  const listed = [];
  for await (const envelope of target.all()) {
    listed.push(envelope);
  }
  const id = idOf(only(listed));
  expect(await target.find(id)).toBeDefined();
  await target.ack([(await target.claim(id))!]);
  expect(await target.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  await transport.close();
}

describe('the user in the documentation', () => {
  it('may do everything that a transport does', async () => {
    const { redis, ...app } = await setup(DOCUMENTED);
    await exercise(app);
    expect(await redis.acl('LOG')).toEqual([]);
    expect(app.logger.texts('warn')).toEqual([]);
  });

  it('may see that the holder of a name is dead', async () => {
    const { redis, open } = await setup(DOCUMENTED);
    await redis.set(
      'orders__consumer:symfony:slot',
      JSON.stringify({ id: 'gone', host: 'elsewhere', pid: 1, client: 4711, name: 'messenger-1' }),
      'PX',
      60_000,
    );
    await open().send(notes('a'));
    expect(textsOf(await open({ consumer: 'slot' }).get({ wait: 5000 }))).toEqual(['a']);
  });

  it('may trim what was acknowledged, and wait for replicas', async () => {
    const { redis, open } = await setup(DOCUMENTED);
    const transport = open({ deleteAfterAck: false, streamMaxEntries: 2 });
    await transport.send(notes('a', 'b'));
    await transport.ack(await transport.get({ max: 2 }));
    await transport.send(notes('c'));
    await open({ waitReplicas: 1, waitTimeout: 10 })
      .send(notes('d'))
      .catch(() => undefined);
    expect(await redis.acl('LOG')).toEqual([]);
  });

  it('may do so in a cluster with what the documentation adds', async () => {
    expect(PAGE).toContain('`+cluster|slots` and `+cluster|info` as well, and `~{orders*` beside');
    const cluster = await startRedisCluster({
      acl: [`${DOCUMENTED} ~{orders* +cluster|slots +cluster|info`],
    });
    const urlOf = (stream: string): string =>
      `redis://shop:secret@${cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${stream}`;
    const { open } = application({ stream: 'orders', urlOf });
    await exercise({ open, openFailed: application({ stream: 'orders_failed', urlOf }).open });
    const logs = await Promise.all(cluster.nodes.map((node) => node.client().acl('LOG')));
    expect(logs.flat()).toEqual([]);
  });
});

describe('a user without a permission', () => {
  it('is told what it needs, also by a script', async () => {
    const { open } = await setup(DOCUMENTED.replace(' +time', ''));
    const sending = open().send([note('late', new DelayStamp(50))]);
    await expect(sending).rejects.toThrow(
      /^Transport "async": the user has no permission for this on .*[^.]\. It needs the keys that begin with the name of the stream, and the commands that "docs\/transports\/redis\.md" lists\.$/,
    );
  });

  it('goes on when it is given the permission', async () => {
    const { redis, open } = await setup(`${DOCUMENTED} -xreadgroup`);
    const transport = open();
    await transport.send(notes('a'));
    await expect(transport.get()).rejects.toThrow('no permission');
    await redis.acl('SETUSER', 'shop', '+xreadgroup');
    const received = await eventually('the message comes', async () => {
      const envelopes = await transport.get();
      return envelopes.length > 0 && envelopes;
    });
    expect(textsOf(received)).toEqual(['a']);
  });
});
