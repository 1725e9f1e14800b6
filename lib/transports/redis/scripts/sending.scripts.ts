import { DESPITE_FULL_MEMORY, NOW, script, WAKE } from './script.js';

/** The latest time that still has 13 digits of milliseconds; Symfony Messenger reads no others. */
const LATEST = 9_999_999_999_999;

/**
 * Delays messages. Those of one call keep their order, by a fraction of a millisecond.
 *
 * KEYS delayed, readers. ARGV milliseconds and member in turn. Answers with the time each is due.
 */
export const SCHEDULE = script(
  NOW,
  WAKE,
  `
local first, dues = ${LATEST}, {}
for i = 1, #ARGV, 2 do
  -- Whole microseconds: what lies between two of them may be rounded to either.
  local due = math.min(now + ARGV[i] + (i - 1) / 2000, ${LATEST})
  dues[#dues + 1] = string.format('%.3f', due)
  redis.call('ZADD', KEYS[1], 'NX', dues[#dues], ARGV[i + 1])
  first = math.min(first, due)
end
wake(KEYS[2], first)
return dues`,
);

/**
 * Moves delayed messages that are due into the stream, which wakes whoever waits for it; and those whose claim by id has ended.
 * In one step, so that none is lost or doubled whatever ends.
 *
 * KEYS stream, readers, delayed, held. ARGV how many at the most of each; the wake-up stream of the caller, who looks again in
 * time. Answers with whether there is more, and with the milliseconds until the next is due, or -1.
 */
export const MOVE_DUE = script(
  NOW,
  DESPITE_FULL_MEMORY,
  `
despiteFullMemory(KEYS[1])
local isMore, next = 0, nil
for i = 3, 4 do
  local members = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', string.format('%.3f', now), 'LIMIT', 0, ARGV[1])
  for _, member in ipairs(members) do
    local entry = string.match(member, '^(.*),"uniqid":"[^"]*"}$')
    redis.call('XADD', KEYS[1], '*', 'message', entry and entry .. '}' or member)
  end
  if #members > 0 then
    redis.call('ZREM', KEYS[i], unpack(members))
  end
  isMore = #members == tonumber(ARGV[1]) and 1 or isMore
  local score = tonumber(redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')[2])
  next = next and score and math.min(next, score) or next or score
end
redis.call('ZADD', KEYS[2], string.format('%.3f', next or ${LATEST}), ARGV[2])
return { isMore, next and math.max(0, math.ceil(next - now)) or -1 }`,
);

/** Appends messages. KEYS stream. ARGV messages. Answers with the ids. One such command costs far less than one for each message. */
export const ADD = script(`
local ids = {}
for i = 1, #ARGV do
  ids[i] = redis.call('XADD', KEYS[1], '*', 'message', ARGV[i])
end
return ids`);

/**
 * Appends messages as long as there is room for all of them. Entries that every group has acknowledged make room; what is
 * waiting or in hand never does.
 *
 * KEYS stream. ARGV the most entries; "1" if entries stay in the stream once they are settled; messages. Answers with the
 * ids, or with the number of entries if there is no room.
 */
export const ADD_BOUNDED = script(`
local stream, limit = KEYS[1], tonumber(ARGV[1])
local function older(a, b)
  local am, as = string.match(a, '^(%d+)-(%d+)$')
  local bm, bs = string.match(b, '^(%d+)-(%d+)$')
  am, as, bm, bs = tonumber(am), tonumber(as), tonumber(bm), tonumber(bs)
  return am < bm or (am == bm and as < bs)
end
local function settledUpTo()
  local oldest
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local info = {}
    for i = 1, #group, 2 do
      info[group[i]] = group[i + 1]
    end
    local pending = redis.call('XPENDING', stream, info['name'])
    -- What was delivered and is not pending is acknowledged; the last delivered entry itself is left.
    local safe = pending[1] > 0 and pending[2] or info['last-delivered-id']
    if not oldest or older(safe, oldest) then
      oldest = safe
    end
  end
  return oldest
end
local size = redis.call('XLEN', stream)
local wanted = #ARGV - 2
if size + wanted > limit and ARGV[2] == '1' and size > 0 then
  local oldest = settledUpTo()
  -- A few more than needed, so that this is not done for each message; but Redis does nothing else meanwhile.
  local surplus = math.min(1000, math.max(size + wanted - limit, math.min(100, math.floor(limit / 10))))
  local beyond = redis.call('XRANGE', stream, '-', '+', 'COUNT', surplus + 1)[surplus + 1]
  if oldest then
    redis.call('XTRIM', stream, 'MINID', '=', beyond and older(beyond[1], oldest) and beyond[1] or oldest)
    size = redis.call('XLEN', stream)
  end
end
if size + wanted > limit then
  return size
end
local ids = {}
for i = 3, #ARGV do
  ids[#ids + 1] = redis.call('XADD', stream, '*', 'message', ARGV[i])
end
return ids`);
