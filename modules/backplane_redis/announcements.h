// SPDX-License-Identifier: MIT
// Announcements: what one host tells all others, beside the topics.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "entry.h"
#include "link.h"

namespace wse::backplane_redis {

// Each host hears what was told since it started, once, and in the order of each of the others.
class Announcements {
public:
    // Reads from now on; sends by `link`, which outlives it, as `context` does.
    Announcements(const Context &context, Link &link);

    // WSE_EAGAIN: too many wait.
    int32_t send(std::string_view data);
    void tick();
    void close(std::function<void()> closed);

private:
    struct Announcement {
        uint64_t number;
        std::string data;
    };

    void pump();
    void read();
    void take_position(const redisReply &reply);
    void take(const redisReply &reply);
    void take_entry(const redisReply &entry);
    void pass();

    const Context &context_;
    Link &link_;
    const std::string stream_;
    std::deque<Announcement> outbox_;
    bool is_sending_ = false;
    uint64_t numbers_ = 0;
    bool has_position_ = false;
    bool is_reading_ = false;
    EntryId position_;
    std::deque<std::string> inbox_;
    std::map<std::string, uint64_t, std::less<>> heard_;  // the last number of each host
    Link reader_;  // the last member: it may tell as soon as it is made
};

}  // namespace wse::backplane_redis
