// SPDX-License-Identifier: MIT
// attach: where a shard and a topic stand, what is kept of it, and the facts that hold, in one
// step.
//
//   KEYS  n; then t, h, f of the topic, or none: where the shard stands, and nothing else
//   ARGV  r, g, epoch and offset that the host has, a random epoch, age of t in ms, the most
//         messages
//   gives {"OK", id of the last entry, entries so far, epoch, offset, messages, facts, how many
//         facts there are}; messages are the entries after the place that the host has, or all that
//         are kept, newest first and without a gap up to the place of the topic; {"INC"} and
//         nothing done when r and g are not those of the shard
//
// A topic that has no place gets one. Facts of more than 16 MiB are cut short, as nobody could take
// the reply.
#pragma once

namespace wse::backplane_redis {

inline constexpr char kAttachLua[] = R"lua(
local known = redis.call('HMGET', KEYS[1], 'r', 'g', 'l', 'q')
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] then return {'INC'} end
local last, count = known[3] or '0-0', known[4] or '0'
if #KEYS == 1 then return {'OK', last, count} end

local t, h, f = KEYS[2], KEYS[3], KEYS[4]
local at = redis.call('HMGET', t, 'e', 'o', 'g', 'a')
if not at[1] or at[3] ~= known[2] then
  redis.call('DEL', h)
  redis.call('HSET', t, 'e', ARGV[5], 'o', '0', 'g', known[2])
  at = {ARGV[5], '0'}
end
if redis.call('PTTL', t) < tonumber(ARGV[6]) then redis.call('PEXPIRE', t, ARGV[6]) end
-- Messages that do not age stay as long as the place.
if (at[4] or '0') == '0' and redis.call('PTTL', h) < tonumber(ARGV[6]) then
  redis.call('PEXPIRE', h, ARGV[6])
end

local kept = {}
local newest = redis.call('XREVRANGE', h, '+', '-', 'COUNT', 1)
if newest[1] and newest[1][1] == at[2] .. '-0' then
  local from = '-'
  if at[1] == ARGV[3] then
    local oldest = redis.call('XRANGE', h, '-', '+', 'COUNT', 1)
    local wanted = tonumber(ARGV[4]) + 1
    if tonumber(string.match(oldest[1][1], '^%d+')) <= wanted then
      from = string.format('%.0f-0', wanted)
    end
  end
  if ARGV[7] ~= '0' then kept = redis.call('XREVRANGE', h, '+', from, 'COUNT', ARGV[7]) end
end

local facts, size, cursor, most = {}, 0, '0', 16 * 1024 * 1024
repeat
  local page = redis.call('HSCAN', f, cursor, 'COUNT', 100)
  cursor = page[1]
  for i = 1, #page[2], 2 do
    if size > most then break end
    local field, value = page[2][i], page[2][i + 1]
    facts[#facts + 1], facts[#facts + 2] = field, value
    size = size + #field + #value
  end
until cursor == '0' or size > most
return {'OK', last, count, at[1], at[2], kept, facts, redis.call('HLEN', f)}
)lua";

}  // namespace wse::backplane_redis
