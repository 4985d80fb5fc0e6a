// SPDX-License-Identifier: MIT
#include "session/backlog.h"

#include <algorithm>

#include "base/assert.h"

namespace wse::session {
namespace {

bool is_lossy(proto::Slow slow) {
    return slow != proto::Slow::kPause && slow != proto::Slow::kDisconnect;
}

// High and critical messages are not evicted for one of a higher priority.
constexpr proto::Priority kMostEvictable = proto::Priority::kNormal;

bool is_stamped(const Waiting &waiting) {
    return waiting.message && !is_lossy(waiting.slow) && waiting.message->handling.stamped;
}

bool is_conflated(const Waiting &waiting) {
    return waiting.slow == proto::Slow::kConflate;
}

std::pair<std::string_view, std::string_view> conflation_key(const proto::Message &message) {
    return {message.publication.topic, message.handling.key};
}

template <class Index, class Key>
void unlist(Index &index, const Key &key, uint64_t number) {
    const auto found = index.find(key);
    found->second.erase(number);
    if (found->second.empty()) index.erase(found);
}

}  // namespace

void Backlog::push_control(net::FrameRef frame, uint64_t now_ms) {
    add(++last_, {std::move(frame), {}, proto::Slow::kDisconnect, now_ms}, Kind::kControl);
}

bool Backlog::push(Waiting waiting, size_t outside) {
    WSE_ASSERT(!is_lossy(waiting.slow), "a lossy message is pushed as one that must be kept");
    if (!fits(waiting, outside)) return false;
    add(++last_, std::move(waiting), Kind::kKept);
    return true;
}

bool Backlog::push_lossy(Waiting waiting, size_t outside) {
    WSE_ASSERT(waiting.message && is_lossy(waiting.slow), "what must be kept is pushed as lossy");
    if (waiting.slow == proto::Slow::kConflate) {
        const auto older = conflated_.find(conflation_key(*waiting.message));
        if (older != conflated_.end())
            return replace(queue_.find(older->second), std::move(waiting), outside);
    }
    if (!make_room(waiting, outside)) return false;
    add(++last_, std::move(waiting), Kind::kLossy);
    return true;
}

// In its place, so that a key which changes all the time gets its turn. When the newer one has no
// room, the older one stays, which is better than none.
bool Backlog::replace(Queue::iterator place, Waiting waiting, size_t outside) {
    const Number number = place->first;
    Waiting older = place->second.waiting;
    remove(place);
    const bool fits_now = make_room(waiting, outside);
    if (fits_now) ++drops_[Drop::kConflated];
    add(number, fits_now ? std::move(waiting) : std::move(older), Kind::kLossy);
    return fits_now;
}

net::FrameRef Backlog::pop() {
    if (queue_.empty()) return {};
    net::FrameRef frame = queue_.begin()->second.waiting.frame;
    remove(queue_.begin());
    return frame;
}

const Waiting *Backlog::front() const {
    return queue_.empty() ? nullptr : &queue_.begin()->second.waiting;
}

std::optional<proto::Position> Backlog::withdraw(std::string_view topic) {
    auto found = stamped_.find(topic);
    if (found == stamped_.end()) return std::nullopt;
    const auto first = queue_.find(*found->second.begin());
    proto::Position before = first->second.waiting.message->position;
    --before.offset;
    // The last removal takes the topic out of stamped_.
    for (; found != stamped_.end(); found = stamped_.find(topic)) {
        remove(queue_.find(*found->second.begin()));
    }
    return before;
}

void Backlog::withdraw_if(const std::function<bool(const proto::Message &message)> &goes) {
    for (auto next = queue_.begin(); next != queue_.end();) {
        const auto place = next++;
        const proto::MessageRef &message = place->second.waiting.message;
        if (message && goes(*message)) remove(place);
    }
}

std::vector<proto::MessageRef> Backlog::trim(uint64_t before_ms) {
    std::vector<proto::MessageRef> late;
    std::set<std::string_view> topics;
    for (auto next = queue_.begin(); next != queue_.end();) {
        const auto place = next++;
        if (place->second.waiting.queued_ms >= before_ms) continue;
        const proto::MessageRef &message = place->second.waiting.message;
        if (place->second.kind == Kind::kLossy) {
            drop(place, Drop::kAge);
        } else if (message && topics.insert(message->publication.topic).second) {
            late.push_back(message);
        }
    }
    return late;
}

bool Backlog::fits(const Waiting &coming, size_t outside) const {
    if (limit_frames_ != 0 && queue_.size() >= limit_frames_) return false;
    const size_t entries = (queue_.size() + 1) * entry_bytes_;
    return bytes_ + outside + coming.frame->wire().size() + entries <= limit_bytes_;
}

bool Backlog::make_room(const Waiting &coming, size_t outside) {
    const bool by_priority = coming.slow == proto::Slow::kDropLowest;
    const proto::Priority priority = coming.message->publication.priority;
    while (!fits(coming, outside)) {
        const auto victim =
            by_priority ? lowest_lossy(std::min(priority, kMostEvictable)) : oldest_lossy();
        if (victim) {
            drop(queue_.find(*victim), by_priority ? Drop::kLowest : Drop::kOldest);
            continue;
        }
        // Lossy messages that are left are all of a higher priority, unless it is itself of those
        // that are never evicted.
        const bool is_lowest = by_priority && priority <= kMostEvictable && !lossy_.empty();
        ++drops_[is_lowest ? Drop::kLowest : Drop::kRefused];
        return false;
    }
    return true;
}

std::optional<Backlog::Number> Backlog::oldest_lossy() const {
    std::optional<Number> oldest;
    for (const auto &[priority, numbers] : lossy_) {
        if (!oldest || *numbers.begin() < *oldest) oldest = *numbers.begin();
    }
    return oldest;
}

std::optional<Backlog::Number> Backlog::lowest_lossy(proto::Priority at_most) const {
    if (lossy_.empty() || lossy_.begin()->first > at_most) return std::nullopt;
    return *lossy_.begin()->second.begin();
}

void Backlog::add(Number number, Waiting waiting, Kind kind) {
    const size_t size = waiting.frame->wire().size();
    bytes_ += size;
    if (kind == Kind::kControl) control_bytes_ += size + entry_bytes_;
    if (kind == Kind::kLossy) lossy_[waiting.message->publication.priority].insert(number);
    if (is_conflated(waiting)) conflated_.emplace(conflation_key(*waiting.message), number);
    if (is_stamped(waiting)) stamped_[waiting.message->publication.topic].insert(number);
    queue_.emplace(number, Entry{std::move(waiting), kind});
}

void Backlog::remove(Queue::iterator place) {
    const auto &[number, entry] = *place;
    const Waiting &waiting = entry.waiting;
    const size_t size = waiting.frame->wire().size();
    bytes_ -= size;
    if (entry.kind == Kind::kControl) control_bytes_ -= size + entry_bytes_;
    if (entry.kind == Kind::kLossy) unlist(lossy_, waiting.message->publication.priority, number);
    if (is_conflated(waiting)) conflated_.erase(conflation_key(*waiting.message));
    if (is_stamped(waiting)) unlist(stamped_, waiting.message->publication.topic, number);
    queue_.erase(place);
}

void Backlog::drop(Queue::iterator place, Drop why) {
    ++drops_[why];
    remove(place);
}

}  // namespace wse::session
