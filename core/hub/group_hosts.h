// SPDX-License-Identifier: MIT
// GroupHosts: the hosts that have members of one queue group on a topic, and take its messages by
// turns. Keeps the latest whose turn was another host's, so that what a host leaves undone, when
// its last member goes, is taken over by the others. Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proto/message.h"

namespace wse::hub {

// What a host says of a group that has no members there any more. It has not passed on `waiting`,
// and nothing after `head`.
struct GroupLeave {
    proto::Position head;
    std::vector<uint64_t> waiting = {};  // offsets

    // As the value of a fact.
    std::string text() const;
    // Nullopt: the value says something else.
    static std::optional<GroupLeave> read(std::string_view text);
    bool leaves(proto::Position position) const;
};

class GroupHosts {
public:
    static constexpr size_t kMaxKept = 2000;
    static constexpr size_t kMaxKeptBytes = size_t{64} << 20;  // of payloads, of all groups

    // `bytes` is what all groups keep, and outlives it.
    explicit GroupHosts(size_t &bytes) : bytes_(bytes) {}
    ~GroupHosts();
    GroupHosts(const GroupHosts &) = delete;
    GroupHosts &operator=(const GroupHosts &) = delete;

    void add(const std::string &host) { hosts_.insert(host); }
    void remove(const std::string &host) { hosts_.erase(host); }
    bool empty() const { return hosts_.empty(); }
    size_t size() const { return hosts_.size(); }

    // Whose turn it is; there is one. All hosts have the same list, and know it by the offset.
    const std::string &owner_of(uint64_t offset) const;
    // A message whose turn is that of another host. The oldest go.
    void keep(const proto::MessageRef &message, const std::string &owner);
    // Of those that were the host's, what it leaves undone, oldest first.
    std::vector<proto::MessageRef> take(const std::string &host, const GroupLeave &leave);

private:
    struct Kept {
        proto::MessageRef message;
        std::string owner;
    };
    void drop_front();

    size_t &bytes_;
    std::set<std::string> hosts_;
    std::deque<Kept> kept_;
};

}  // namespace wse::hub
