// SPDX-License-Identifier: MIT
#include "hub/retention.h"

namespace wse::hub {
namespace {

// A node of std::map and one of std::unordered_map, with what malloc adds, and a bucket.
constexpr size_t kEntryBytes = 64 + 48 + 8;

}  // namespace

std::vector<proto::MessageRef> Retention::put(const proto::MessageRef &message) {
    std::vector<proto::MessageRef> gone;
    if (const auto same = by_key_.find(key_of(*message)); same != by_key_.end())
        gone.push_back(take(by_offset_.find(same->second)));
    by_offset_.emplace(message->position.offset, message);
    by_key_.emplace(key_of(*message), message->position.offset);
    if (by_offset_.size() > kMaxKeys) gone.push_back(take(by_offset_.begin()));
    return gone;
}

std::string_view Retention::key_of(const proto::Message &message) const {
    return tells_keys_apart_ ? std::string_view(message.handling.key) : std::string_view();
}

// The key goes first: it is a view into the message.
proto::MessageRef Retention::take(std::map<uint64_t, proto::MessageRef>::iterator place) {
    by_key_.erase(key_of(*place->second));
    proto::MessageRef message = std::move(place->second);
    by_offset_.erase(place);
    return message;
}

const proto::Message *Retention::find(uint64_t offset) const {
    const auto found = by_offset_.find(offset);
    return found == by_offset_.end() ? nullptr : found->second.get();
}

std::vector<proto::MessageRef> Retention::messages() const {
    std::vector<proto::MessageRef> all;
    all.reserve(by_offset_.size());
    for (const auto &[offset, message] : by_offset_) all.push_back(message);
    return all;
}

std::vector<proto::MessageRef> Retention::clear() {
    auto all = messages();
    by_key_.clear();
    by_offset_.clear();
    return all;
}

size_t Retention::memory_bytes() const {
    return by_offset_.size() * kEntryBytes;
}

}  // namespace wse::hub
