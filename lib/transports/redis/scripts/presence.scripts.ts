import { DESPITE_FULL_MEMORY, LAST_DELIVERED, NOW, script } from './script.js';

/**
 * Takes or renews the name of a consumer.
 *
 * KEYS lease. ARGV what it shall say; what it may say now (ours, or that of a dead holder); milliseconds it lasts. Answers with
 * nothing if the name is ours, or with what the lease says.
 */
export const ACQUIRE = script(`
local current = redis.call('GET', KEYS[1])
-- A server that is out of memory would refuse to write the same again.
if current == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return false
end
if not current or current == ARGV[2] then
  -- As a first write it would be refused too.
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
  return false
end
return current`);

/**
 * `makeGroup(stream, signals, group, field)`: makes the stream and its group unless they are there, and notes when that was.
 * `create(stream, group, from)`: whether there was none. What went wrong is in `failed`.
 */
const MAKE_GROUP = `
local failed
local function create(stream, group, from)
  local reply = redis.pcall('XGROUP', 'CREATE', stream, group, from, 'MKSTREAM')
  if reply.err and not string.find(reply.err, 'BUSYGROUP', 1, true) then
    failed = reply
  end
  return not reply.err
end
local function makeGroup(stream, signals, group, field)
  if create(stream, group, '0') then
    redis.call('HSET', signals, field, string.format('%.3f', now))
  end
end`;

/**
 * Makes the stream and its group.
 *
 * KEYS stream, signals. ARGV group, the field of the signals that tells when it was made.
 */
export const SET_UP = script(
  NOW,
  DESPITE_FULL_MEMORY,
  MAKE_GROUP,
  `
despiteFullMemory(KEYS[1])
makeGroup(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
return failed or 1`,
);

/**
 * Makes what a consumer waits for: its wake-up stream and, unless somebody else sets the transport up, the stream and its group.
 *
 * KEYS stream, signals, wake-up stream. ARGV group, the field of the signals that tells when it was made; milliseconds the
 * wake-up stream lasts, "1" to make the group. Answers with when it was made, and with the last entry that it has handed out.
 */
export const JOIN = script(
  NOW,
  LAST_DELIVERED,
  DESPITE_FULL_MEMORY,
  MAKE_GROUP,
  `
despiteFullMemory(KEYS[1])
create(KEYS[3], ARGV[1], '$')
redis.call('PEXPIRE', KEYS[3], ARGV[3])
if ARGV[4] == '1' then
  makeGroup(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
end
return failed or { redis.call('HGET', KEYS[2], ARGV[2]) or '', lastDelivered(KEYS[1], ARGV[1]) or '0-0' }`,
);

/** Wakes one consumer. KEYS its wake-up stream. ARGV reason, value. Answers with nothing if it is gone. */
export const WAKE_UP = script(
  DESPITE_FULL_MEMORY,
  `
despiteFullMemory(KEYS[1])
return redis.call('XADD', KEYS[1], 'NOMKSTREAM', 'MAXLEN', 16, '*', ARGV[1], ARGV[2])`,
);

/**
 * A consumer leaves: its wake-up stream, its lease and, if it holds nothing, its entry in the group.
 *
 * KEYS stream, readers, wake-up stream, lease. ARGV group, consumer, what our lease says.
 */
export const LEAVE = script(`
local current = redis.call('GET', KEYS[4])
-- Somebody else has the name by now, and waits by the same wake-up stream.
if current and current ~= ARGV[3] then
  return 0
end
redis.call('ZREM', KEYS[2], KEYS[3])
redis.call('DEL', KEYS[3], KEYS[4])
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if not pending.err and #pending == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
return 1`);

/**
 * Removes consumers from the group that are gone and hold nothing.
 *
 * KEYS stream. ARGV group, what a lease's key begins with, milliseconds without a sign of life. Answers with their names.
 */
export const REMOVE_GONE = script(`
local removed = {}
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local info = {}
  for i = 1, #consumer, 2 do
    info[consumer[i]] = consumer[i + 1]
  end
  local isGone = info['pending'] == 0 and info['idle'] >= tonumber(ARGV[3])
  if isGone and redis.call('EXISTS', ARGV[2] .. info['name']) == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], info['name'])
    removed[#removed + 1] = info['name']
  end
end
return removed`);
