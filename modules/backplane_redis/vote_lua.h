// SPDX-License-Identifier: MIT
// vote: is this still the data that the hosts have seen? Asked whenever a connection begins.
//
//   KEYS  n, s, v
//   ARGV  run_id of the Redis process, host, the last entry that the host knows of ("0-0": none), a
//         random generation, grace in ms, the generation that the host knows ("": none), "1" when
//         that entry must not have been trimmed
//   gives {"OPEN", g, id of the last entry, entries so far}, or {"WAIT"}: ask again
//
// Of what a process of Redis has lost nothing is said, but what it kept is a beginning of what
// there was. So a host that knows of an entry that is not there proves a loss, however much has
// been appended since, and a generation begins, in which no place holds that was given before. An
// entry older than the first one has been trimmed, and proves nothing; who follows the shard and
// comes to another process cannot tell then, and takes it for lost.
//
// The shard is opened when one host has proved it, all that have used the shard have said that
// nothing is missing, or the grace of those is over. It is not for the one that asks to say which
// hosts live: a lease may be older than the loss. A host that comes later, and misses something,
// begins the generation then.
#pragma once

namespace wse::backplane_redis {

inline constexpr char kVoteLua[] = R"lua(
local run, host, seen, generation, theirs = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local known = redis.call('HMGET', KEYS[1], 'r', 'g', 'l', 'q')
local last = known[3] or '0-0'

local function is_before(a, b)
  local a_ms, a_sequence = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_sequence = string.match(b, '^(%d+)-(%d+)$')
  if a_ms ~= b_ms then return tonumber(a_ms) < tonumber(b_ms) end
  return tonumber(a_sequence) < tonumber(b_sequence)
end

local function is_missing()
  -- What a host knows of an earlier generation does not hold anyway.
  if theirs ~= '' and theirs ~= known[2] then
    return redis.call('HEXISTS', KEYS[1], 'b:' .. theirs) == 0
  end
  if seen == '0-0' or redis.call('XRANGE', KEYS[2], seen, seen)[1] then return false end
  if ARGV[7] == '1' then return true end
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  if not first then return is_before(last, seen) end
  return not is_before(seen, first[1])
end

local function open(lost)
  if lost then
    for _, before in ipairs({known[2] or '', theirs}) do
      if before ~= '' then redis.call('HSET', KEYS[1], 'b:' .. before, '1') end
    end
  elseif known[2] then
    generation = known[2]
  end
  if run ~= known[1] or generation ~= known[2] then
    redis.call('HSET', KEYS[1], 'r', run, 'g', generation)
    known[4] = redis.call('HINCRBY', KEYS[1], 'q', 1)
    last = redis.call('XADD', KEYS[2], '*', 'n', generation, 'q', known[4])
    redis.call('HSET', KEYS[1], 'l', last)
    redis.call('DEL', KEYS[3])
  end
  redis.call('HSET', KEYS[1], 'm:' .. host, '1')
  return {'OPEN', generation, last, tostring(known[4] or 0)}
end

if is_missing() then return open(true) end
if known[1] == run and known[2] then return open(false) end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HGET', KEYS[3], 'run') ~= run then
  redis.call('DEL', KEYS[3])
  redis.call('HSET', KEYS[3], 'run', run, 'since', string.format('%.0f', now))
end
redis.call('HSET', KEYS[3], 'h:' .. host, '1')
redis.call('PEXPIRE', KEYS[3], 60000)
local all = true
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'm:' and
      redis.call('HEXISTS', KEYS[3], 'h:' .. string.sub(field, 3)) == 0 then
    all = false
  end
end
if all or now - tonumber(redis.call('HGET', KEYS[3], 'since')) >= tonumber(ARGV[5]) then
  return open(false)
end
return {'WAIT'}
)lua";

}  // namespace wse::backplane_redis
