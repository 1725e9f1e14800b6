import { DESPITE_FULL_MEMORY, HELD, NOW, REMOVE, script, WAKE } from './script.js';

/** Sorts claims into those that hold and the positions of those that are lost. `step` is the number of values for each. */
const SORT_OUT = `
local function sortOut(stream, heldSet, group, consumer, from, step)
  local claims = {}
  for i = from, #ARGV, step do
    claims[#claims + 1] = ARGV[i]
    claims[#claims + 1] = ARGV[i + 1]
  end
  local holds = held(stream, heldSet, group, consumer, claims)
  local ids, members, lost = {}, {}, {}
  for i = 1, #claims, 2 do
    if not holds[claims[i]] then
      lost[#lost + 1] = (i - 1) / 2
    elseif claims[i + 1] == '0' then
      members[#members + 1] = claims[i]
    else
      ids[#ids + 1] = claims[i]
    end
  end
  return ids, members, lost, holds
end`;

/**
 * Acknowledges messages, and deletes them.
 *
 * KEYS stream, held. ARGV group, consumer, "1" to delete; id and delivery count in turn. Answers with the positions, from 0,
 * of those that were no longer held.
 */
export const SETTLE = script(
  HELD,
  REMOVE,
  SORT_OUT,
  `
local ids, members, lost = sortOut(KEYS[1], KEYS[2], ARGV[1], ARGV[2], 4, 2)
remove(KEYS[1], KEYS[2], ARGV[1], ARGV[3] == '1', ids, members)
return lost`,
);

/**
 * Stores copies of messages and settles the originals.
 *
 * KEYS stream, held; stream, delayed and readers of the target. ARGV group, consumer, "1" to delete; id, delivery count,
 * delay in milliseconds, copy in turn. Answers as SETTLE does.
 */
export const REQUEUE = script(
  NOW,
  WAKE,
  HELD,
  REMOVE,
  SORT_OUT,
  DESPITE_FULL_MEMORY,
  `
if ARGV[3] == '1' then
  despiteFullMemory(KEYS[1])
end
local ids, members, lost, holds = sortOut(KEYS[1], KEYS[2], ARGV[1], ARGV[2], 4, 4)
local first
for i = 4, #ARGV, 4 do
  local delay = tonumber(ARGV[i + 2])
  if holds[ARGV[i]] and delay > 0 then
    local due = math.min(now + delay + i / 4000, 9999999999999)
    redis.call('ZADD', KEYS[4], 'NX', string.format('%.3f', due), ARGV[i + 3])
    first = math.min(first or due, due)
  elseif holds[ARGV[i]] then
    redis.call('XADD', KEYS[3], '*', 'message', ARGV[i + 3])
  end
end
if first then
  wake(KEYS[5], first)
end
remove(KEYS[1], KEYS[2], ARGV[1], ARGV[3] == '1', ids, members)
return lost`,
);

/**
 * Makes messages last: those of the stream are as fresh as if they had just been delivered.
 *
 * KEYS stream, held. ARGV group, consumer, milliseconds a claim lasts; id and delivery count in turn. Answers as SETTLE does.
 */
export const PROLONG = script(
  NOW,
  HELD,
  SORT_OUT,
  DESPITE_FULL_MEMORY,
  `
despiteFullMemory(KEYS[1])
local ids, members, lost = sortOut(KEYS[1], KEYS[2], ARGV[1], ARGV[2], 4, 2)
for i = 1, #ids, 1000 do
  local last = math.min(i + 999, #ids)
  local claim = { KEYS[1], ARGV[1], ARGV[2], 0, unpack(ids, i, last) }
  claim[#claim + 1] = 'JUSTID'
  redis.call('XCLAIM', unpack(claim))
end
for _, member in ipairs(members) do
  redis.call('ZADD', KEYS[2], 'XX', string.format('%.3f', now + ARGV[3]), member)
end
return lost`,
);

/**
 * Hands messages back. They keep their place: they wait as if they had been idle for ages, under the name of a consumer that
 * does not exist, and whoever looks next claims them. A delivery that is handed back does not count.
 *
 * KEYS stream, held, delayed, readers. ARGV group, consumer, the name for them, milliseconds until they may be claimed, milliseconds
 * a claim lasts; id and delivery count in turn. Answers as SETTLE does.
 */
export const RELEASE = script(
  NOW,
  HELD,
  SORT_OUT,
  DESPITE_FULL_MEMORY,
  `
despiteFullMemory(KEYS[1])
local delay, lease = tonumber(ARGV[4]), tonumber(ARGV[5])
local ids, members, lost, holds = sortOut(KEYS[1], KEYS[2], ARGV[1], ARGV[2], 6, 2)
-- Long enough for every consumer, whatever its own time-out is.
local idle = delay > 0 and math.max(0, lease - delay) or 1000000000000
for i = 6, #ARGV, 2 do
  local count = tonumber(ARGV[i + 1])
  if count > 0 and holds[ARGV[i]] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, ARGV[i], 'IDLE', idle, 'RETRYCOUNT', count - 1, 'JUSTID')
  end
end
for _, member in ipairs(members) do
  redis.call('ZREM', KEYS[2], member)
  redis.call('ZADD', KEYS[3], string.format('%.3f', now + delay), member)
end
for _, wakeUp in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  redis.call('XADD', wakeUp, 'NOMKSTREAM', 'MAXLEN', 16, '*', 'released', delay)
  if #members > 0 then
    redis.call('XADD', wakeUp, 'NOMKSTREAM', 'MAXLEN', 16, '*', 'delayed', '0')
  end
end
return lost`,
);
