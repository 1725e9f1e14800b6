import { Command, Redis } from 'ioredis';

export const GROUP = 'bench';

/** The stream and the keys beside it, from an address whose path is the stream. */
export function namesOf(address) {
  const stream = new URL(address).pathname.slice(1);
  return { stream, delayed: `${stream}:delayed`, wakeUp: `${stream}:wake-up` };
}

/** @param {string} address */
export async function connect(address) {
  const url = new URL(address);
  url.pathname = '';
  const redis = new Redis(url.href, { maxRetriesPerRequest: null });
  await redis.ping();
  return redis;
}

/**
 * Sends commands so that those of one turn of the event loop leave in two pieces, the first at once and the others
 * together; by itself ioredis makes a system call for each.
 *
 * @param {Redis} redis
 */
export function pipelined(redis) {
  let corked;
  const uncork = () => {
    corked.uncork();
    corked = undefined;
  };
  return (name, ...args) => {
    const sent = redis.sendCommand(new Command(name, args, { replyEncoding: 'utf8' }));
    if (corked === undefined) {
      corked = redis.stream;
      corked.cork();
      setImmediate(uncork);
    }
    return sent;
  };
}

/** Creates the stream and its group, if that has not been done. */
export async function createGroup(redis, stream) {
  try {
    await redis.xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM');
  } catch (error) {
    if (!error.message.startsWith('BUSYGROUP')) throw error;
  }
}

/** Reads up to `count` new messages, or nothing after `block` milliseconds. */
export async function readNew(redis, stream, count, block) {
  const streams = await redis.xreadgroup(
    'GROUP',
    GROUP,
    'worker',
    'COUNT',
    count,
    'BLOCK',
    block,
    'STREAMS',
    stream,
    '>',
  );
  return streams === null ? [] : streams[0][1].map(([id, [, body, , headers]]) => ({ id, body, headers }));
}

/** Acknowledges and deletes in one round trip. */
export function settle(redis, stream, rows) {
  const ids = rows.map(({ id }) => id);
  const socket = redis.stream;
  socket.cork();
  const settled = Promise.all([redis.xack(stream, GROUP, ...ids), redis.xdel(stream, ...ids)]);
  socket.uncork();
  return settled;
}
