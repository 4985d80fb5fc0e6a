// SPDX-License-Identifier: MIT
#include "entries.h"

#include <utility>

#include "app/event_json.h"

namespace wse::app_redis {
namespace {

constexpr uint64_t kMaxEvents = 256;          // of a write
constexpr uint64_t kMaxBytes = 512 * 1024;    // after which no more are added to it
constexpr const char *kKeptMs = "604800000";  // a week, in which nothing is written

// Beside the stream stands, in the same slot, up to which event of this run it goes. It is written
// together with the entries and gets lost together with them, so that a write whose answer was lost
// adds what is not there and nothing else. KEYS: the stream, the mark. ARGV: epoch, number of the
// first event, length of the stream, time to keep the mark, stream of commands, events.
constexpr const char *kScript = R"lua(
local last = tonumber(redis.call('GET', KEYS[2]) or 0)
local seq = tonumber(ARGV[2])
for i = 6, #ARGV do
  if seq > last then
    local entry = {'XADD', KEYS[1]}
    if ARGV[3] ~= '0' then
      entry[3], entry[4], entry[5] = 'MAXLEN', '~', ARGV[3]
    end
    entry[#entry + 1] = '*'
    for _, text in ipairs({'epoch', ARGV[1], 'seq', string.format('%.0f', seq), 'event', ARGV[i]}) do
      entry[#entry + 1] = text
    end
    if ARGV[5] ~= '' then
      entry[#entry + 1] = 'commands'
      entry[#entry + 1] = ARGV[5]
    end
    redis.call(unpack(entry))
    last = seq
    redis.call('SET', KEYS[2], string.format('%.0f', seq), 'PX', ARGV[4])
  end
  seq = seq + 1
end
return last
)lua";

}  // namespace

EntryWriter::EntryWriter(const Config &config, std::string epoch)
    : config_(config), epoch_(std::move(epoch)) {}

Write EntryWriter::begin(uint64_t seq) const {
    const std::string stream = config_.stream;
    // A stream with braces in its name has its slot from these.
    const bool has_slot = stream.find('{') != std::string::npos;
    const std::string mark = (has_slot ? stream : '{' + stream + '}') + ":seq:" + epoch_;
    Write made;
    made.command = {"EVAL",
                    kScript,
                    "2",
                    stream,
                    mark,
                    epoch_,
                    std::to_string(seq),
                    std::to_string(config_.max_length),
                    kKeptMs,
                    config_.commands ? config_.commands : ""};
    return made;
}

void EntryWriter::write(const wse_app_event *events, uint64_t count, std::deque<Write> &ret) {
    uint64_t seq = seq_, bytes = 0;
    ret.clear();
    for (uint64_t i = 0; i < count; ++i) {
        std::string text;
        app::append_event(text, ++seq, events[i]);
        if (ret.empty() || ret.back().events == kMaxEvents || bytes > kMaxBytes) {
            ret.push_back(begin(seq));
            bytes = 0;
        }
        bytes += text.size();
        ++ret.back().events;
        ret.back().command.push_back(std::move(text));
    }
    seq_ = seq;
}

}  // namespace wse::app_redis
