// SPDX-License-Identifier: MIT
// Retention: the messages that stand for the present state of one topic: its last one, or the last
// one of each key. Messages come in the order of their offsets.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proto/message.h"

namespace wse::hub {

class Retention {
public:
    // Not `by_key`: all messages replace one another.
    explicit Retention(bool by_key) : tells_keys_apart_(by_key) {}

    static constexpr size_t kMaxKeys = 10'000;  // of one topic; the one longest unchanged goes

    // Puts the message in the place of the one with its key. Returns what it replaces, and what has
    // to go so that the limit holds.
    std::vector<proto::MessageRef> put(const proto::MessageRef &message);
    // Null: it is not retained.
    const proto::Message *find(uint64_t offset) const;
    // In the order of their offsets.
    std::vector<proto::MessageRef> messages() const;
    std::vector<proto::MessageRef> clear();
    bool empty() const { return by_offset_.empty(); }
    size_t size() const { return by_offset_.size(); }
    // Of the maps alone, not of the messages.
    size_t memory_bytes() const;

private:
    std::string_view key_of(const proto::Message &message) const;
    proto::MessageRef take(std::map<uint64_t, proto::MessageRef>::iterator place);

    const bool tells_keys_apart_;
    std::map<uint64_t, proto::MessageRef> by_offset_;
    std::unordered_map<std::string_view, uint64_t> by_key_;  // keys live in their messages
};

}  // namespace wse::hub
