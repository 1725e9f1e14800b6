import { randomInt } from 'node:crypto';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { RemoteTransport } from './processes/remote-transport.js';
import { application, deliveriesOf, drain, manyNotes, note, notes, textsOf } from './setup.js';
import { eventually } from './support/eventually.js';
import { redisUrl, sharedRedis } from './support/shared-redis.js';

const NAME = 'slot_01';

/** A transport under a stable name whose connections can be cut, and another process's. */
function setup() {
  // Of no process; so its connections can be told from all others.
  const identity = { host: 'host', pid: randomInt(10_000_000, 2 ** 40) };
  const { stream, open, logger } = application({ identity });
  const redis = sharedRedis();
  return {
    stream,
    logger,
    redis,
    transport: open({ consumer: NAME }),
    other: application({ stream }).open(),
    /** Resolves when the server and the transport know that the connections are gone. */
    cutConnections: async () => killClients(redis, `messenger-${identity.pid}-`),
    /** Delivers messages under the name, and loses the reply. */
    loseReply: async (count: number): Promise<void> => {
      await redis.xgroup('CREATE', stream, 'symfony', '0', 'MKSTREAM').catch(() => 'BUSYGROUP');
      await redis.xreadgroup('GROUP', 'symfony', NAME, 'COUNT', count, 'STREAMS', stream, '>');
    },
  };
}

async function clientsOf(redis: Redis, prefix: string): Promise<string[]> {
  const list = (await redis.client('LIST')) as string;
  return list
    .split('\n')
    .filter((line) => line.includes(` name=${prefix}`))
    .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? '');
}

async function killClients(redis: Redis, prefix: string): Promise<void> {
  const ids = await clientsOf(redis, prefix);
  for (const id of ids) {
    await redis.client('KILL', 'ID', id);
  }
  await eventually('it has connected again', async () => {
    const now = await clientsOf(redis, prefix);
    return now.length > 0 && now.every((id) => !ids.includes(id));
  });
}

/** Gets the messages in a process of its own, and kills it. */
async function dieWith(stream: string, count: number): Promise<void> {
  const victim = new RemoteTransport(redisUrl(stream), { consumer: NAME });
  expect(await victim.get({ max: count })).toHaveLength(count);
  await victim.kill();
}

async function getEach(transport: RedisTransport, max: number, fetches: number): Promise<string[]> {
  const texts: string[] = [];
  for (let fetch = 0; fetch < fetches; fetch++) {
    texts.push(...textsOf(await transport.get({ max })));
  }
  return texts;
}

describe('a worker that comes back under its name', () => {
  it('gets the messages its predecessor died with at once, before new ones, as redelivered', async () => {
    const { stream, transport, other } = setup();
    await other.send(notes('a', 'b'));
    await dieWith(stream, 2);
    await other.send(notes('c'));
    const resumed = await transport.get({ max: 10 });
    expect([textsOf(resumed), deliveriesOf(resumed)]).toEqual([
      ['a', 'b'],
      [2, 2],
    ]);
    const fresh = await transport.get({ max: 10 });
    expect([textsOf(fresh), deliveriesOf(fresh)]).toEqual([['c'], [1]]);
    expect(await transport.ack([...resumed, ...fresh])).toEqual({ lost: [] });
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });

  it('leaves them alone under any other name, for as long as "redeliver_timeout"', async () => {
    const { stream, transport, other } = setup();
    await other.send(notes('a'));
    await dieWith(stream, 1);
    expect(await other.get({ max: 10 })).toEqual([]);
    expect(await other.messageCount()).toMatchObject({ ready: 0, inFlight: 1, delayed: 0 });
    expect(textsOf(await transport.get())).toEqual(['a']);
  });

  it.each([1000, 70])('gets many of them in their order, %i at a time', async (max) => {
    const { stream, transport, other } = setup();
    await other.send(manyNotes(350));
    await dieWith(stream, 320);
    const received = await drain(transport, max);
    expect(textsOf(received)).toEqual(textsOf(manyNotes(350)));
    expect(deliveriesOf(received)).toEqual(Array.from({ length: 350 }, (_, index) => (index < 320 ? 2 : 1)));
    expect(await transport.ack(received)).toEqual({ lost: [] });
  });

  it('resumes where a consumer in PHP of that name has stopped', async () => {
    const { transport, other, loseReply } = setup();
    await other.send(notes('a', 'b'));
    await loseReply(1);
    expect(await getEach(transport, 1, 3)).toEqual(['a', 'b']);
  });

  it('resumes also if the first fetch was aborted before it could', async () => {
    const { transport, other, loseReply } = setup();
    await other.send(notes('a', 'b'));
    await loseReply(1);
    const abort = new AbortController();
    const fetch = transport.get({ wait: 10_000, signal: abort.signal });
    abort.abort();
    expect(await fetch).toEqual([]);
    expect(await getEach(transport, 1, 3)).toEqual(['a', 'b']);
  });

  it('gets each of them once, however many of its fetches look at the same time', async () => {
    const { stream, transport, other } = setup();
    await other.send(manyNotes(250));
    await dieWith(stream, 230);
    const fetches = await Promise.all(Array.from({ length: 12 }, async () => transport.get({ max: 50 })));
    const received = [...fetches.flat(), ...(await drain(transport, 50))];
    expect(textsOf(received).sort()).toEqual(textsOf(manyNotes(250)).sort());
    expect(deliveriesOf(received).filter((count) => count === 2)).toHaveLength(230);
    expect(await transport.ack(received)).toEqual({ lost: [] });
  });
});

describe('a worker whose connections were lost', () => {
  it('does not get what it has in hand a second time, and settles it', async () => {
    const { transport, other, cutConnections } = setup();
    await other.send(notes('a', 'b', 'c'));
    const inHand = await transport.get({ max: 2 });
    await cutConnections();
    const received = await transport.get({ max: 10 });
    expect(textsOf(received)).toEqual(['c']);
    expect(await transport.get({ max: 10 })).toEqual([]);
    expect(await transport.ack([...inHand, ...received])).toEqual({ lost: [] });
  });

  it('gets the messages whose delivery was lost with them, however many it has in hand', async () => {
    const { transport, other, cutConnections, loseReply } = setup();
    await other.send(manyNotes(120, 'held '));
    const inHand = await transport.get({ max: 120 });
    await other.send(manyNotes(120, 'lost '));
    await loseReply(120);
    expect(await transport.get({ max: 200 })).toEqual([]);
    await cutConnections();
    const resumed = await drain(transport, 200);
    expect(textsOf(resumed)).toEqual(textsOf(manyNotes(120, 'lost ')));
    expect(new Set(deliveriesOf(resumed))).toEqual(new Set([2]));
    expect(await transport.ack([...inHand, ...resumed])).toEqual({ lost: [] });
    expect((await transport.messageCount()).inFlight).toBe(0);
  });

  it('gets a message again that it could not settle before, once somebody else has given it up', async () => {
    const { transport, other, cutConnections } = setup();
    await transport.send([note('a')]);
    const stale = await transport.get();
    await transport.release(stale);
    const taken = await other.get();
    await other.release(taken);
    await cutConnections();
    const again = await transport.get();
    expect(textsOf(again)).toEqual(['a']);
    expect(await transport.ack(again)).toEqual({ lost: [] });
  });
});
