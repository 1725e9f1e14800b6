import { DELIVER, LAST_DELIVERED, NOW, script } from './script.js';

/**
 * Claims messages that nobody has kept alive.
 *
 * KEYS stream. ARGV group, consumer, milliseconds without a sign of life, where to go on, how many at the most. Answers with
 * where to go on next, how many were deleted behind our back, and the messages.
 */
export const RECOVER = script(
  DELIVER,
  `
local cursor, gone, tries = ARGV[4], 0, 0
local claimed
-- One XAUTOCLAIM looks at ten times as many entries as it may claim.
repeat
  claimed = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], cursor, 'COUNT', ARGV[5], 'JUSTID')
  cursor, gone, tries = claimed[1], gone + #(claimed[3] or {}), tries + 1
until #claimed[2] > 0 or cursor == '0-0' or tries == 100
local delivered, deleted = deliver(KEYS[1], ARGV[1], ARGV[2], claimed[2])
return { cursor, gone + deleted, delivered }`,
);

/**
 * Claims messages anew that are pending under the consumer's own name.
 *
 * KEYS stream. ARGV group, consumer, ids. Answers with how many were deleted behind our back, and the messages.
 */
export const RESUME = script(
  DELIVER,
  `
local ids = {}
for i = 3, #ARGV do
  if redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])[1] then
    ids[#ids + 1] = ARGV[i]
  end
end
local delivered, deleted = deliver(KEYS[1], ARGV[1], ARGV[2], ids)
return { deleted, delivered }`,
);

/**
 * Claims one message of the stream by its id, unless somebody holds it. One that was not delivered yet leaves the stream, or
 * another consumer would get it too.
 *
 * KEYS stream, held. ARGV group, consumer, id, milliseconds a claim lasts, the member that takes its place; "1" if it may
 * leave the stream. Answers with its delivery count, 0 for one that left the stream, or with nothing.
 */
export const CLAIM_ENTRY = script(
  NOW,
  LAST_DELIVERED,
  `
local stream, group, id = KEYS[1], ARGV[1], ARGV[3]
if #redis.call('XRANGE', stream, id, id) == 0 then
  return false
end
local last = lastDelivered(stream, group)
local pending = last and redis.call('XPENDING', stream, group, id, id, 1)[1]
if pending then
  if pending[3] < tonumber(ARGV[4]) then
    return false
  end
  redis.call('XCLAIM', stream, group, ARGV[2], 0, id)
  return pending[4] + 1
end
-- Not beyond what was delivered, and no longer pending: acknowledged.
if last and #redis.call('XRANGE', stream, '(' .. last, id, 'COUNT', 1) == 0 then
  return false
end
if ARGV[6] ~= '1' then
  return -1
end
redis.call('XDEL', stream, id)
redis.call('ZADD', KEYS[2], string.format('%.3f', now + ARGV[4]), ARGV[5])
return 0`,
);

/**
 * Claims one message of a sorted set: a delayed one, or one that was claimed before and whose claim has ended.
 *
 * KEYS the set it is in, held. ARGV the member, the member that takes its place, milliseconds a claim lasts. Answers with whether it
 * could be claimed.
 */
export const CLAIM_MEMBER = script(
  NOW,
  `
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or KEYS[1] == KEYS[2] and tonumber(score) > now then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], string.format('%.3f', now + ARGV[3]), ARGV[2])
return 1`,
);

/**
 * Counts.
 *
 * KEYS stream, delayed, held. ARGV group, the name under which messages wait that were handed back. Answers with: entries, pending
 * ones, handed back ones, new ones or -1 if Redis does not know; delayed ones, overdue ones; those claimed by id, and of these
 * the ones whose claim has ended; and how many milliseconds the first of all that are ready has been so.
 *
 * An entry is ready since the time in its id: that of its arrival, or of when its delay ended.
 */
export const COUNT = script(
  NOW,
  LAST_DELIVERED,
  `
local entries, pending, released, lag = redis.call('XLEN', KEYS[1]), 0, 0, nil
for _, info in ipairs(redis.call('EXISTS', KEYS[1]) == 1 and redis.call('XINFO', 'GROUPS', KEYS[1]) or {}) do
  if info[2] == ARGV[1] then
    local summary = redis.call('XPENDING', KEYS[1], ARGV[1])
    pending, lag = summary[1], -1
    for _, consumer in ipairs(summary[4] or {}) do
      released = consumer[1] == ARGV[2] and tonumber(consumer[2]) or released
    end
    for i = 1, #info, 2 do
      lag = info[i] == 'lag' and info[i + 1] or lag
    end
  end
end
local function due(key)
  return redis.call('ZCOUNT', key, '-inf', string.format('%.3f', now))
end
local since = now
local function look(time)
  since = math.min(since, tonumber(time or now))
end
local last = lastDelivered(KEYS[1], ARGV[1])
local new = entries > 0 and redis.call('XRANGE', KEYS[1], last and '(' .. last or '-', '+', 'COUNT', 1)[1]
look(new and string.match(new[1], '^%d+'))
if released > 0 then
  look(string.match(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])[1][1], '^%d+'))
end
look(redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2])
look(redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2])
return {
  entries, pending, released, lag or entries,
  redis.call('ZCARD', KEYS[2]), due(KEYS[2]), redis.call('ZCARD', KEYS[3]), due(KEYS[3]),
  math.floor(now - since),
}`,
);
