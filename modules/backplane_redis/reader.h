// SPDX-License-Identifier: MIT
// Reader: entries of a shard's stream, as many at a time as are asked for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "entry.h"
#include "link.h"

namespace wse::backplane_redis {

// Told on the loop, not inside a call of the reader.
struct ReaderEvents {
    // It is connected to that process of Redis.
    std::function<void(const std::string &run_id)> up;
    // That process has the data that the hosts have seen. Until it is so, nothing is read of it:
    // who has read on behind a gap cannot prove it any more. Asked within calls, too.
    std::function<bool(const std::string &run_id)> is_whole;
    // The process has the data of another one by now.
    std::function<void()> differs;
    // None when none came within a second.
    std::function<void(std::vector<Entry> entries)> done;
};

class Reader {
public:
    // Connects. `context` outlives it.
    Reader(const Context &context, uint32_t shard, ReaderEvents events);

    // What comes after that entry; `done` is called once. Asked again before that, the former
    // question counts no more.
    void read(EntryId after);
    // The data is whole.
    void proceed();
    // Of the process that it is connected to, if it is up.
    const std::string &run_id() const { return run_id_; }
    void suspect(const std::string &problem) { link_.suspect(problem); }
    const Link &link() const { return link_; }
    void close(std::function<void()> closed) { link_.close(std::move(closed)); }

private:
    void ask();
    void take(redis::Failure failure, const redisReply *reply);

    const Context &context_;
    const std::string stream_;
    const std::string incarnation_;
    const ReaderEvents events_;
    std::string run_id_;
    EntryId after_;
    bool is_wanted_ = false;
    bool is_asked_ = false;  // the last question
    bool is_same_ = false;   // the data, when it was asked
    uint64_t asked_ = 0;     // the number of the last question
    size_t most_;
    Link link_;  // the last member: it may tell as soon as it is made
};

}  // namespace wse::backplane_redis
