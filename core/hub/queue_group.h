// SPDX-License-Identifier: MIT
// QueueGroup: the members of one group on one topic, who share its messages: each message goes to
// one of them. Decides whose turn it is, and keeps what comes while all are full. Used by one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <tuple>

#include "proto/message.h"

namespace wse::hub {

class QueueGroup {
public:
    static constexpr size_t kMaxWaiting = 1000;
    static constexpr size_t kMaxWaitingBytes = 4 * 1024 * 1024;  // of payloads

    struct Member {
        uint32_t loop = 0;
        uint64_t session = 0;
        friend bool operator<(const Member &a, const Member &b) {
            return std::tie(a.loop, a.session) < std::tie(b.loop, b.session);
        }
    };

    // Takes its first turn after those who are there. A member who is there already changes
    // nothing, and is told by false; nor does one who is not there in the other two.
    bool add(const Member &member);
    void remove(const Member &member);
    // A full member is passed over; one that has room again queues up behind the others.
    void set_full(const Member &member, bool full);

    // Whose turn it is: every member with room once, then again from the first. Nullopt: all are
    // full, or there are none.
    std::optional<Member> next();

    size_t size() const { return members_.size(); }
    bool empty() const { return members_.empty(); }

    // Keeps a message until a member has room. The number of the oldest ones that were dropped to
    // stay within the bounds; the newest always stays.
    size_t hold(proto::MessageRef message);
    // The oldest that waits; none: an empty reference.
    proto::MessageRef release();
    size_t waiting() const { return waiting_.size(); }
    size_t waiting_bytes() const { return waiting_bytes_; }  // of payloads

private:
    using Turns = std::list<Member>;
    struct Place {
        Turns::iterator turn;  // in ready_, or in full_
        bool full = false;
    };

    Turns ready_;  // who comes next is in front
    Turns full_;
    std::map<Member, Place> members_;
    std::list<proto::MessageRef> waiting_;  // not a deque, which takes memory while it is empty
    size_t waiting_bytes_ = 0;
};

}  // namespace wse::hub
