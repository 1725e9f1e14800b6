import { randomUUID } from 'node:crypto';

import { HEADERS } from './order-codec.mjs';
import { namesOf } from './redis-floor-client.mjs';

/** Messages by the time they are due, on the clock of Redis; whoever moves them hears of one due before all others. */
const SCHEDULE = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  local earliest = tonumber(first[2]) or math.huge
  local isFirst = false
  for i = 2, #ARGV, 2 do
    local due = now + ARGV[i]
    redis.call('ZADD', KEYS[1], string.format('%.3f', due), ARGV[i + 1])
    isFirst = isFirst or due < earliest
  end
  if isFirst then redis.call('PUBLISH', ARGV[1], '') end
`;

const MOVE_DUE = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local due = redis.call('ZRANGE', KEYS[1], '-inf', string.format('%.3f', now), 'BYSCORE', 'LIMIT', 0, ARGV[1])
  for _, member in ipairs(due) do
    local _, _, headers, body = string.find(member, '^[^\\n]*\\n([^\\n]*)\\n(.*)$')
    redis.call('XADD', KEYS[2], '*', 'body', body, 'headers', headers)
  end
  if #due > 0 then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, #due - 1) end
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return first[2] and string.format('%.3f', first[2] - now) or false
`;

const MOVED_AT_ONCE = 250;
const LONGEST_SLEEP = 5_000;

/** @returns The function that stores a message to be handled later; what is sent in one turn shares a script. */
export function openSchedule(redis, address) {
  const { delayed, wakeUp } = namesOf(address);
  redis.defineCommand('schedule', { numberOfKeys: 1, lua: SCHEDULE });
  const producer = randomUUID();
  let count = 0;
  let waiting = [];
  let sent;
  const flush = () => {
    const args = waiting.flatMap(({ due, member }) => [due - performance.now(), member]);
    waiting = [];
    return redis.schedule(delayed, wakeUp, ...args);
  };
  return (message, delay) => {
    const due = performance.now() + delay;
    if (waiting.length === 0) sent = new Promise((resolve) => setImmediate(resolve)).then(flush);
    waiting.push({ due, member: `${producer}${count++}\n${HEADERS}\n${JSON.stringify(message)}` });
    return sent;
  };
}

/** Moves messages into the stream when they are due. Never ends. */
export async function moveDue(redis, address) {
  const { stream, delayed, wakeUp } = namesOf(address);
  redis.defineCommand('moveDue', { numberOfKeys: 2, lua: MOVE_DUE });
  const wait = wakeUpCall(redis);
  await redis.subscribe(wakeUp);
  for (;;) {
    const next = (await redis.moveDue(delayed, stream, MOVED_AT_ONCE)) ?? LONGEST_SLEEP;
    if (next > 0) await wait(Math.min(Math.ceil(next), LONGEST_SLEEP));
  }
}

/** A call while nobody waits ends the next wait at once. */
function wakeUpCall(redis) {
  let called = false;
  let wake = () => {};
  redis.on('message', () => {
    called = true;
    wake();
  });
  return async (milliseconds) => {
    if (!called) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    called = false;
  };
}
