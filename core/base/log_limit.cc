// SPDX-License-Identifier: MIT
#include "base/log_limit.h"

#include <utility>

namespace wse::log {

RateLimit::Verdict RateLimit::ask(std::string_view area, std::string_view event, uint64_t now_ms) {
    Event &found = find(area, event, now_ms);
    if (!found.bucket.take(now_ms)) {
        ++found.suppressed;
        return {false, 0};
    }
    return {true, std::exchange(found.suppressed, 0)};
}

RateLimit::Event &RateLimit::find(std::string_view area, std::string_view event, uint64_t now_ms) {
    // The area belongs to the key: a noisy module must not silence another one's lines.
    key_.assign(area).append(1, ' ').append(event);
    if (const auto at = events_.find(key_); at != events_.end()) return at->second;
    if (events_.size() >= kMaxEvents - 1) key_.clear();
    return events_.try_emplace(key_, Event{TokenBucket(burst_, per_second_, now_ms)}).first->second;
}

}  // namespace wse::log
