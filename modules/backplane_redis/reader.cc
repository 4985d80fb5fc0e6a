// SPDX-License-Identifier: MIT
#include "reader.h"

#include <algorithm>
#include <utility>

#include "script.h"

namespace wse::backplane_redis {
namespace {

constexpr uint64_t kReplyBytes = 64 * 1024 * 1024;
constexpr size_t kMost = 200;
constexpr size_t kFewer = 10;  // where so many do not fit into a reply

}  // namespace

Reader::Reader(const Context &context, uint32_t shard, ReaderEvents events)
    : context_(context),
      stream_(context.names.stream(shard)),
      incarnation_(context.names.incarnation(shard)),
      events_(std::move(events)),
      most_(kMost),
      link_(context, stream_, kReplyBytes,
            {[this](const std::string &run_id) {
                 run_id_ = run_id;
                 is_asked_ = false;
                 events_.up(run_id);
                 proceed();
             },
             [](const std::string &) {}}) {}

void Reader::read(EntryId after) {
    after_ = after;
    is_wanted_ = true;
    ask();
}

void Reader::proceed() {
    if (is_wanted_ && !is_asked_) ask();
}

// A master that has been made a replica keeps its run_id, and gets the data of the new master. It
// is asked in one go what it has: it lets go of who waits for entries when that changes.
void Reader::ask() {
    const uint64_t number = ++asked_;
    is_asked_ = false;
    if (!link_.is_up() || !events_.is_whole(run_id_)) return;
    is_same_ = false;
    link_.send({"HMGET", incarnation_, "r"},
               [this, number](redis::Failure failure, const redisReply *reply) {
                   if (failure != redis::Failure::kNone || number != asked_) return;
                   const std::string error = error_of(*reply);
                   if (!error.empty()) return link_.suspect("HMGET was answered " + error);
                   is_same_ = element_text(*reply, 0) == run_id_;
               });
    is_asked_ = link_.send({"XREAD", "COUNT", std::to_string(most_), "BLOCK", "1000", "STREAMS",
                            stream_, after_.text()},
                           [this, number](redis::Failure failure, const redisReply *reply) {
                               if (number != asked_) return;
                               is_asked_ = false;
                               if (is_wanted_) take(failure, reply);
                           });
}

// What failed with its connection is asked again when there is another one.
void Reader::take(redis::Failure failure, const redisReply *reply) {
    if (failure == redis::Failure::kTooBig) most_ = most_ == kMost ? kFewer : 1;
    if (failure != redis::Failure::kNone) return;
    if (reply->type == REDIS_REPLY_ERROR)
        return link_.suspect("XREAD was answered " + error_of(*reply));
    if (!is_same_) return events_.differs();
    if (!events_.is_whole(run_id_)) return;  // proceed() will ask again
    std::vector<Entry> entries;
    const redisReply *stream = element_of(*reply, 0);
    const redisReply *list = stream ? element_of(*stream, 1) : nullptr;
    for (size_t i = 0; list && i < list->elements; ++i) {
        auto entry = read_entry(*list->element[i], context_.periphery);
        if (entry) entries.push_back(std::move(*entry));
    }
    context_.count(kRead, entries.size());
    is_wanted_ = false;
    most_ = std::min(kMost, most_ * 2);
    events_.done(std::move(entries));
}

}  // namespace wse::backplane_redis
