import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { application, note, notes } from './setup.js';
import { perFile } from './support/lifetime.js';
import { startRedisCluster } from './support/redis-cluster.js';
import { startRedisServer } from './support/redis-server.js';
import { uniqueStream } from './support/shared-redis.js';

const server = perFile((lifetime) => startRedisServer({ appendonly: true }, lifetime));

/** A transport on a server that keeps what it was told, and what is found. */
function setup(options: Readonly<Record<string, unknown>> = {}) {
  const { port } = server();
  const { stream, open } = application({
    stream: uniqueStream(),
    urlOf: (name) => `redis://127.0.0.1:${port}/${name}`,
  });
  const transport = open(options);
  const codes = async (): Promise<readonly string[]> =>
    (await transport.diagnose()).map(({ level, code }) => `${level} ${code}`);
  return { stream, open, transport, codes, redis: server().client() };
}

const USUAL = 'advice redis.appendfsync';

describe('the diagnosis of a Redis transport', () => {
  it('finds little with a server that is set up well, before and after the first message', async () => {
    const { transport, codes, redis, stream } = setup();

    expect(await codes()).toEqual([USUAL]);
    expect(await redis.exists(stream)).toBe(0);
    await transport.send([note('a'), note('late', new DelayStamp(60_000)), note('b')]);
    const [received] = await transport.get();
    expect(await codes()).toEqual([USUAL]);
    await transport.ack([received!]);
    expect(await codes()).toEqual([USUAL]);
  });

  it('finds a server that keeps nothing, or drops what does not fit', async () => {
    const careless = await startRedisServer({ maxmemory: '100mb', maxmemoryPolicy: 'allkeys-lru' });
    const { open } = application({ urlOf: (stream) => `redis://127.0.0.1:${careless.port}/${stream}` });

    expect(await open().diagnose()).toMatchObject([
      {
        code: 'redis.appendonly',
        level: 'loss',
        problem: expect.stringContaining('loses everything.') as string,
      },
      { code: 'redis.eviction', level: 'loss' },
    ]);
  });

  it('finds that a stream was trimmed by somebody else', async () => {
    const { transport, codes, redis, stream } = setup();
    await transport.send(notes('a', 'b', 'c'));
    await transport.get();

    await redis.xtrim(stream, 'MAXLEN', 2);
    expect(await codes()).toEqual([USUAL, 'loss redis.trimmed']);

    await redis.xtrim(stream, 'MAXLEN', 0);
    expect(await codes()).toEqual([USUAL, 'loss redis.trimmed']);
  });

  it('finds a stream that is full, and one consumer name for all', async () => {
    const { transport, codes } = setup({ streamMaxEntries: 2, consumer: 'one' });
    await transport.send(notes('a', 'b'));

    expect(await codes()).toEqual([USUAL, 'loss redis.stream-max-entries', 'advice redis.consumer-name']);
  });

  it('finds another group, and consumers that take no lease, which workers of this package do', async () => {
    const { open, transport, codes, redis, stream } = setup();
    await transport.send(notes('a'));
    await open().get();
    expect(await codes()).toEqual([USUAL]);

    await redis.xgroup('CREATECONSUMER', stream, 'symfony', 'consumer');
    await redis.xgroup('CREATE', stream, 'audit', '0');

    expect(await codes()).toEqual([USUAL, 'loss redis.other-groups', 'advice redis.consumer-without-lease']);
  });

  it('says what a user may not ask', async () => {
    const own = await startRedisServer({
      appendonly: true,
      acl: ['asker on >secret ~* +@all -info -config', 'reader on >secret ~* +@all -config'],
    });
    const codesOf = async (user: string) => {
      const { open } = application({
        urlOf: (stream) => `redis://${user}:secret@127.0.0.1:${own.port}/${stream}`,
      });
      return (await open().diagnose()).map(({ level, code }) => `${level} ${code}`);
    };

    expect(await codesOf('asker')).toEqual(['unchecked redis.info']);
    expect(await codesOf('reader')).toEqual(['unchecked redis.appendfsync']);
  });

  it('asks the node of a cluster that has the stream', async () => {
    const cluster = await startRedisCluster({});
    const urlOf = (stream: string): string =>
      `redis://${cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${stream}`;
    const { open } = application({ urlOf });
    const transport = open();
    await transport.send(notes('a', 'b'));
    await transport.get();

    expect((await transport.diagnose()).map(({ code }) => code)).toEqual(['redis.appendonly']);
  });

  it('fails if nobody answers', async () => {
    const { open } = application({ urlOf: (stream) => `redis://127.0.0.1:1/${stream}` });

    await expect(open().diagnose()).rejects.toThrow(
      /^Transport "async": redis:\/\/127\.0\.0\.1:1 does not answer/,
    );
  });
});
