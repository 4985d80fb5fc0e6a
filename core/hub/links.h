// SPDX-License-Identifier: MIT
// Links: the topics and patterns that the hub follows in the cluster, and the subscriptions that
// wait until it does. Used by one thread; has no clock of its own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "hub/commands.h"

namespace wse::hub {

class Links {
public:
    // False: it is followed already, or the cluster has been asked. Ends a leave().
    bool want(const std::string &name);
    // Somebody wants it, or did until lately.
    bool has(const std::string &name) const { return links_.contains(name); }
    bool is_followed(const std::string &name) const;

    // What a command needs: that a name, which is wanted, is followed, or has come to an offset.
    struct Need {
        static constexpr uint64_t kFollowed = UINT64_MAX;
        std::string name;
        uint64_t offset = kFollowed;
    };
    // The command waits for all of them.
    void hold(Subscribe command, const std::vector<Need> &needs, uint64_t deadline_ms);
    size_t size() const { return links_.size(); }
    size_t leaving() const { return leaving_links_; }  // of those, the ones that have been left
    size_t waiting() const { return held_.size(); }
    // Does a command wait for it?
    bool is_awaited(const std::string &name) const;
    // The cluster has answered. False: nobody wants it any more.
    bool set_followed(const std::string &name);
    // Of a pattern: the sequence number since which everything that it takes is known. UINT64_MAX:
    // not yet.
    void set_known_since(const std::string &name, uint64_t sequence);
    uint64_t known_since(const std::string &name) const;
    // What it answered is worth nothing any more, and it is asked again.
    void ask_again(const std::string &name);
    // Those that need not, or shall not, wait any longer, in the order in which they came.
    std::vector<Subscribe> take_ready(const std::string &name, uint64_t offset = Need::kFollowed);
    std::vector<Subscribe> take_late(uint64_t now_ms);

    // Nobody needs it any more: unless it is wanted again, take_left() has it once from then on.
    void leave(const std::string &name, uint64_t at_ms);
    // Each of them is to be left again, or to be removed.
    std::vector<std::string> take_left(uint64_t now_ms);
    void remove(const std::string &name) { links_.erase(name); }

private:
    struct Waiter {
        uint64_t number;
        uint64_t offset;
    };
    struct Link {
        bool followed = false;
        uint64_t known_since = UINT64_MAX;
        uint64_t leave_at_ms = 0;  // 0: stays
        std::vector<Waiter> held = {};
    };
    struct Held {
        Subscribe command;
        size_t missing;
        uint64_t deadline_ms;
    };

    std::unordered_map<std::string, Link> links_;
    std::map<uint64_t, Held> held_;  // by number; all wait equally long
    uint64_t last_ = 0;
    size_t leaving_links_ = 0;
    std::multimap<uint64_t, std::string> leaving_;
};

}  // namespace wse::hub
