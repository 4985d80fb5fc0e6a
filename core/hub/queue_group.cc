// SPDX-License-Identifier: MIT
#include "hub/queue_group.h"

#include <utility>

namespace wse::hub {

bool QueueGroup::add(const Member &member) {
    const auto [found, is_new] = members_.try_emplace(member);
    if (is_new) found->second.turn = ready_.insert(ready_.end(), member);
    return is_new;
}

void QueueGroup::remove(const Member &member) {
    const auto found = members_.find(member);
    if (found == members_.end()) return;
    Turns &turns = found->second.full ? full_ : ready_;
    turns.erase(found->second.turn);
    members_.erase(found);
}

void QueueGroup::set_full(const Member &member, bool full) {
    const auto found = members_.find(member);
    if (found == members_.end() || found->second.full == full) return;
    Turns &from = full ? ready_ : full_;
    Turns &to = full ? full_ : ready_;
    to.splice(to.end(), from, found->second.turn);
    found->second.full = full;
}

std::optional<QueueGroup::Member> QueueGroup::next() {
    if (ready_.empty()) return std::nullopt;
    ready_.splice(ready_.end(), ready_, ready_.begin());
    return ready_.back();
}

size_t QueueGroup::hold(proto::MessageRef message) {
    waiting_bytes_ += message->publication.bytes();
    waiting_.push_back(std::move(message));
    size_t dropped = 0;
    while (waiting_.size() > kMaxWaiting ||
           (waiting_bytes_ > kMaxWaitingBytes && waiting_.size() > 1)) {
        release();
        ++dropped;
    }
    return dropped;
}

proto::MessageRef QueueGroup::release() {
    if (waiting_.empty()) return {};
    proto::MessageRef message = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= message->publication.bytes();
    return message;
}

}  // namespace wse::hub
