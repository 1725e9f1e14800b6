import { createHash } from 'node:crypto';

/** A script that Redis runs as one atomic step. */
export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

/** @param parts the texts of the script; definitions that several scripts share come first. */
export function script(...parts: readonly string[]): RedisScript {
  const lua = parts.join('\n');
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** Redis's clock, in milliseconds with a fraction. It alone decides what is due, so clocks of other machines do not matter. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000`;

/** `lastDelivered(stream, group)`: the id of the last entry that the group has handed out; nothing if there is no such group. */
export const LAST_DELIVERED = `
local function lastDelivered(stream, group)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  for _, info in ipairs(groups.err and {} or groups) do
    for i = 1, info[2] == group and #info or 0, 2 do
      if info[i] == 'last-delivered-id' then
        return info[i + 1]
      end
    end
  end
end`;

/**
 * `despiteFullMemory(stream)`: makes a script work when memory is full, for what frees as much as it takes, or is needed to
 * free any. Redis asks for memory before the first write of a script only; this is one that changes nothing.
 */
export const DESPITE_FULL_MEMORY = `
local function despiteFullMemory(stream)
  redis.call('XACK', stream, '', '0-0')
end`;

/**
 * `wake(readers, at)`: wakes the consumers that wait and would look only after \`at\`, so that they look in time.
 * A consumer whose stream is gone has ended.
 */
export const WAKE = `
local function wake(readers, at)
  local score = string.format('%.3f', at)
  for _, stream in ipairs(redis.call('ZRANGEBYSCORE', readers, '(' .. score, '+inf')) do
    if redis.call('XADD', stream, 'NOMKSTREAM', 'MAXLEN', 16, '*', 'delayed', score) then
      redis.call('ZADD', readers, score, stream)
    else
      redis.call('ZREM', readers, stream)
    end
  end
end`;

/**
 * `held(stream, heldSet, group, consumer, claims)`: of a list of claims, id and delivery count in turn, those that still hold,
 * as a set of ids. A claim does not hold if the entry was delivered to another consumer since, or again to this one.
 *
 * One look at a range answers for many claims. Those it missed are looked up one by one.
 */
export const HELD = `
local function held(stream, heldSet, group, consumer, claims)
  local counts, found = {}, {}
  local first, last, size = nil, nil, 0
  for i = 1, #claims, 2 do
    local id, count = claims[i], tonumber(claims[i + 1])
    if count == 0 then
      found[id] = redis.call('ZSCORE', heldSet, id) and true or nil
    else
      counts[id] = count
      first, last, size = first or id, id, size + 1
    end
  end
  local function look(from, to, max)
    for _, pending in ipairs(redis.call('XPENDING', stream, group, from, to, max, consumer)) do
      if counts[pending[1]] == pending[4] then
        found[pending[1]] = true
      end
    end
  end
  if size > 2 then
    look(first, last, size + 16)
  end
  for id in pairs(counts) do
    if not found[id] then
      look(id, id, 1)
    end
  end
  return found
end`;

/**
 * `remove(stream, heldSet, group, deletes, ids, members)`: settles claims that hold. Lua can hand over a few thousand values at
 * the most, hence the slices.
 */
export const REMOVE = `
local function remove(stream, heldSet, group, deletes, ids, members)
  for i = 1, #ids, 1000 do
    local last = math.min(i + 999, #ids)
    redis.call('XACK', stream, group, unpack(ids, i, last))
    if deletes then
      redis.call('XDEL', stream, unpack(ids, i, last))
    end
  end
  for i = 1, #members do
    redis.call('ZREM', heldSet, members[i])
  end
end`;

/**
 * `deliver(stream, group, consumer, ids)`: claims entries, and answers with id, delivery count and fields of each, and with how
 * many were deleted behind our back. XAUTOCLAIM alone would not tell the delivery count.
 */
export const DELIVER = `
local function deliver(stream, group, consumer, ids)
  local delivered, deleted = {}, 0
  for _, id in ipairs(ids) do
    local pending = redis.call('XPENDING', stream, group, id, id, 1)[1]
    local entry = redis.call('XCLAIM', stream, group, consumer, 0, id)[1]
    if pending and entry then
      delivered[#delivered + 1] = { id, pending[4] + 1, entry[2] }
    elseif pending then
      redis.call('XACK', stream, group, id)
      deleted = deleted + 1
    end
  end
  return delivered, deleted
end`;
