// SPDX-License-Identifier: MIT
// gone: ends what holds on a host: on one that has gone, or on the one that asks, which then tells
// anew what does. May be done again.
//
//   KEYS  n, s, F of the host, then f of topics in F
//   ARGV  r, g, host, "1" when it has gone, then those topics
//   gives {"OK"}, {"MORE"} when F has further topics, {"INC"} and nothing done when r and g are not
//         those of the shard
#pragma once

namespace wse::backplane_redis {

inline constexpr char kGoneLua[] = R"lua(
local known = redis.call('HMGET', KEYS[1], 'r', 'g')
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] then return {'INC'} end
if ARGV[4] == '1' then redis.call('HDEL', KEYS[1], 'm:' .. ARGV[3]) end
if redis.call('EXISTS', KEYS[3]) == 0 then return {'OK'} end
local head = ARGV[3] .. '\n'
for i = 5, #ARGV do
  local f = KEYS[i - 1]
  for _, field in ipairs(redis.call('HKEYS', f)) do
    if string.sub(field, 1, #head) == head then redis.call('HDEL', f, field) end
  end
  redis.call('HDEL', KEYS[3], ARGV[i])
end
if redis.call('EXISTS', KEYS[3]) == 1 then return {'MORE'} end
local count = redis.call('HINCRBY', KEYS[1], 'q', 1)
local last = redis.call('XADD', KEYS[2], '*', 'd', ARGV[3], 'q', count)
redis.call('HSET', KEYS[1], 'l', last)
return {'OK'}
)lua";

}  // namespace wse::backplane_redis
