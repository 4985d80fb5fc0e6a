// SPDX-License-Identifier: MIT
// DedupWindow: the publish ids seen lately, and the place each one got, so that a message which is
// published again is known. Used by one thread; has no clock of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "proto/message.h"

namespace wse::hub {

class DedupWindow {
public:
    struct Limits {
        uint64_t ids = 0;     // beyond it, the oldest goes; 0: remembers nothing
        uint64_t age_ms = 0;  // 0: no limit
    };

    explicit DedupWindow(const Limits &limits) : limits_(limits) {}
    DedupWindow(const DedupWindow &) = delete;
    DedupWindow &operator=(const DedupWindow &) = delete;

    // Null: not seen within the age. Valid until the window changes.
    const proto::Position *find(std::string_view topic, std::string_view id, uint64_t now_ms) const;
    // An id that is known keeps its first place and its age.
    void remember(std::string_view topic, std::string_view id, proto::Position position,
                  uint64_t now_ms);
    // Frees what is too old; remember() does it too.
    void expire(uint64_t now_ms);

    size_t size() const { return entries_.size(); }

private:
    struct Key {
        std::string_view topic;
        std::string_view id;
        friend bool operator==(const Key &, const Key &) = default;
    };
    struct Entry {
        std::string text;  // topic and id in one allocation
        size_t topic_bytes;
        proto::Position position;
        uint64_t at_ms;
        Key key() const;
    };
    // The index knows entries by address and is asked by key.
    struct Hash {
        using is_transparent = void;
        size_t operator()(const Key &key) const;
        size_t operator()(const Entry *entry) const { return (*this)(entry->key()); }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Entry *a, const Entry *b) const { return a->key() == b->key(); }
        bool operator()(const Key &a, const Entry *b) const { return a == b->key(); }
        bool operator()(const Entry *a, const Key &b) const { return a->key() == b; }
    };

    bool is_old(const Entry &entry, uint64_t now_ms) const;
    void forget_oldest();

    const Limits limits_;
    std::deque<Entry> entries_;  // oldest first; an entry keeps its address
    std::unordered_set<const Entry *, Hash, Equal> index_;
};

}  // namespace wse::hub
