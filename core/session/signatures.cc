// SPDX-License-Identifier: MIT
#include "session/signatures.h"

namespace wse::session {

std::string signed_bytes(const SignedParts &parts) {
    std::string bytes;
    bytes.reserve(parts.type.size() + parts.id.size() + parts.time.size() + parts.payload.size() +
                  3);
    for (const std::string_view line : {parts.type, parts.id, parts.time})
        bytes.append(line).append("\n");
    return bytes.append(parts.payload);
}

Result<void> ReplayWindow::admit(std::string_view id, uint64_t time_ms, uint64_t now_ms) {
    if (id.size() > kMaxIdBytes) return Error{WSE_EDENIED, "the id is longer than 128 bytes"};
    if (time_ms + kWindowMs < now_ms || time_ms > now_ms + kWindowMs)
        return Error{WSE_EDENIED, "ts is more than a minute away from the server's time"};
    if (now_ms > kWindowMs) forget_before(now_ms - kWindowMs);
    if (time_ms <= floor_ms_) return Error{WSE_EDENIED, "ts is older than what came before"};
    if (ids_.contains(id)) return Error{WSE_EDENIED, "a message with this id was taken already"};
    ids_.insert(by_time_.emplace(time_ms, id)->second);
    while (ids_.size() > kMaxIds) {
        floor_ms_ = by_time_.begin()->first;
        forget_before(floor_ms_ + 1);
    }
    return {};
}

void ReplayWindow::forget_before(uint64_t time_ms) {
    while (!by_time_.empty() && by_time_.begin()->first < time_ms) {
        ids_.erase(by_time_.begin()->second);
        by_time_.erase(by_time_.begin());
    }
}

}  // namespace wse::session
