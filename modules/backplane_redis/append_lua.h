// SPDX-License-Identifier: MIT
// append: places and appends one batch of a host. Applied once, however often it is sent.
//
//   KEYS  n, s, w of the host, F of the host; of each topic its t and h; of each fact its f; of
//         each message with a given id its i
//   ARGV  r, g, host, number of the batch, length of the stream, its age in ms ("0": is not trimmed
//         by age), ages of t, i and w in ms, how many topics; of each topic, which is there once:
//           name epoch history history_age
//         then the operations, facts and canaries before messages:
//           f kind topic key value          an empty value: it holds no more
//           c number
//           m topic given type id payload extra priority time     the topic by its number, from 1
//   gives {"OK", "<id of the last entry> <answer> ..."}, an answer being "epoch:offset", or "-" of
//         what has no place; {"INC"} and nothing done when r and g are not those of the shard;
//         {"OLD"} and nothing done when a later batch of the host has been applied
//
// `epoch` is a random number, for a topic that has none, or had one before data was lost.
//
// All places are found before anything is written, and the counters are written before the entries.
// So a script that a foreign key stops halfway leaves a gap and gives no place twice, and `l` is
// the last entry even then. What Redis refuses as a whole (OOM, MISCONF) it refuses at the first
// write, when nothing has been done.
#pragma once

namespace wse::backplane_redis {

inline constexpr char kAppendLua[] = R"lua(
local call, format = redis.call, string.format
local function whole(number) return format('%.0f', number) end
local known = call('HMGET', KEYS[1], 'r', 'g', 'q')
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] then return {'INC'} end
local number = ARGV[4] .. ' '
local before = call('GET', KEYS[3])
if before then
  if string.sub(before, 1, #number) == number then
    return {'OK', string.sub(before, #number + 1)}
  end
  if tonumber(string.match(before, '^%d+')) > tonumber(ARGV[4]) then return {'OLD'} end
end

local generation, host, topic_age = ARGV[2], ARGV[3], tonumber(ARGV[7])
local key, arg = 5, 11 -- that are read next
local topics, answers = {}, {}
-- What is appended, by its turn: where its arguments begin, its i or f, and the offset of a message
-- as a number and a text. Tables of their own would double what Lua has to do.
local entries, args, keys, offsets, texts = 0, {}, {}, {}, {}

local function read_topic()
  local name, epoch, history, age = unpack(ARGV, arg, arg + 3)
  local t = KEYS[key]
  local at = call('HMGET', t, 'e', 'o', 'g', 'a')
  local is_new = not at[1] or at[3] ~= generation
  local before = is_new and 0 or tonumber(at[2])
  topics[#topics + 1] =
    {t = t, h = KEYS[key + 1], name = name, epoch = is_new and epoch or at[1], history = history,
     age = age, is_new = is_new, has_age = not is_new and at[4] == age, before = before,
     offset = before}
  key, arg = key + 2, arg + 4
end

-- Places of given ids: those that Redis knows, by number of the key, and by key those of this batch.
local ids, first_id, fresh = nil, nil, {}

local function read_message()
  local topic, i = topics[tonumber(ARGV[arg + 1])], nil
  if ARGV[arg + 2] == '1' then
    if not ids then ids, first_id = call('MGET', unpack(KEYS, key)), key end
    i = KEYS[key]
    local first = ids[key - first_id + 1] or fresh[i]
    key = key + 1
    if first then return first end
  end
  local offset = topic.offset + 1
  local text = whole(offset)
  local place = topic.epoch .. ':' .. text
  topic.offset = offset
  if i then fresh[i] = place end
  entries = entries + 1
  args[entries], keys[entries], offsets[entries], texts[entries] = arg, i, offset, text
  return place
end

for _ = 1, tonumber(ARGV[10]) do read_topic() end
while arg <= #ARGV do
  local kind = ARGV[arg]
  if kind == 'm' then
    answers[#answers + 1] = read_message()
    arg = arg + 9
  else
    answers[#answers + 1] = '-'
    entries = entries + 1
    args[entries] = arg
    if kind == 'f' then keys[entries], key = KEYS[key], key + 1 end
    arg = arg + (kind == 'f' and 5 or 2)
  end
end

local count = tonumber(known[3] or 0)
local total = count + entries
local last = '0-0'

local function append(fields, size)
  count = count + 1
  fields[size + 1], fields[size + 2] = 'q', whole(count)
  if count < total then
    last = call('XADD', KEYS[2], '*', unpack(fields, 1, size + 2))
  else
    last = call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', unpack(fields, 1, size + 2))
  end
end

-- Of what the batch itself would trim nothing is kept, and with a history of 0 that is everything.
local function keep(topic, entry, fields, size, time)
  if offsets[entry] <= topic.offset - tonumber(topic.history) then return end
  if time == '0' then
    fields[size + 1], fields[size + 2] = 'm', string.match(last, '^%d+')
    size = size + 2
  end
  local id = texts[entry] .. '-0'
  if offsets[entry] < topic.offset then
    call('XADD', topic.h, id, unpack(fields, 3, size))
  else
    call('XADD', topic.h, 'MAXLEN', topic.history, id, unpack(fields, 3, size))
    call('PEXPIRE', topic.h, topic.age ~= '0' and topic.age or topic_age)
  end
end

-- One table for all messages: what one of them does not have is written over by the next.
local fields = {'t', '', 'e', '', 'o', '', 'h', host, 'y', '', 'i', '', 'p', '', 'r', '',
                '', '', '', '', '', '', '', ''}

local function message(entry)
  local index, given, type, id, payload, extra, priority, time =
    unpack(ARGV, args[entry] + 1, args[entry] + 8)
  local topic, i = topics[tonumber(index)], keys[entry]
  fields[2], fields[4], fields[6], fields[10] = topic.name, topic.epoch, texts[entry], type
  fields[12], fields[14], fields[16] = id, payload, priority
  local size = 16
  if i then fields[17], fields[18], size = 'g', given, 18 end
  if extra ~= '' then fields[size + 1], fields[size + 2], size = 'x', extra, size + 2 end
  if time ~= '0' then fields[size + 1], fields[size + 2], size = 'm', time, size + 2 end
  append(fields, size)
  if i then call('SET', i, fresh[i], 'PX', ARGV[8]) end
  keep(topic, entry, fields, size, time)
end

local function fact(entry)
  local kind, topic, name, value = unpack(ARGV, args[entry] + 1, args[entry] + 4)
  local f, field = keys[entry], host .. '\n' .. kind .. '\n' .. name
  local change = 0
  if value ~= '' then
    change = call('HSET', f, field, value)
  else
    change = -call('HDEL', f, field)
  end
  if change ~= 0 and call('HINCRBY', KEYS[4], topic, change) <= 0 then
    call('HDEL', KEYS[4], topic)
  end
  append({'f', kind, 't', topic, 'k', name, 'v', value, 'h', host}, 10)
end

local function canary(entry)
  append({'c', host, 'n', ARGV[args[entry] + 1]}, 4)
end

local function write_counters()
  call('HSET', KEYS[1], 'q', whole(total))
  for _, topic in ipairs(topics) do
    if topic.offset > topic.before then
      if topic.is_new or topic.history == '0' then call('DEL', topic.h) end
      if topic.has_age then
        call('HSET', topic.t, 'o', whole(topic.offset))
      else
        call('HSET', topic.t, 'e', topic.epoch, 'o', whole(topic.offset), 'g', generation,
             'a', topic.age)
      end
      call('PEXPIRE', topic.t, math.max(topic_age, tonumber(topic.age)))
    end
  end
end

local write = {m = message, f = fact, c = canary}
local function write_entries()
  for entry = 1, entries do write[ARGV[args[entry]]](entry) end
end

if entries > 0 then
  write_counters()
  local is_done, problem = pcall(write_entries)
  if last ~= '0-0' then call('HSET', KEYS[1], 'l', last) end
  if not is_done then return {err = problem} end
  if ARGV[6] ~= '0' then
    local oldest = tonumber(string.match(last, '^%d+')) - tonumber(ARGV[6])
    call('XTRIM', KEYS[2], 'MINID', '~', whole(math.max(oldest, 0)))
  end
end
local reply = last .. ' ' .. table.concat(answers, ' ')
call('SET', KEYS[3], number .. reply, 'PX', ARGV[9])
return {'OK', reply}
)lua";

}  // namespace wse::backplane_redis
