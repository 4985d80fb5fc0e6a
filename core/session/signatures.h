// SPDX-License-Identifier: MIT
// Signed messages (docs/protocol.md, "Signatures"): what is signed, and that a signed message is
// taken once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"

namespace wse::session {

// The members of an envelope that a signature covers, as written; of `type`, `id` and `time` the
// content of the string.
struct SignedParts {
    std::string_view type;
    std::string_view id;
    std::string_view time;
    std::string_view payload;
};

// The bytes to sign: the three names, each with a line feed, then the payload as it is.
std::string signed_bytes(const SignedParts &parts);

// Ids that were seen, for as long as a message may be under way.
class ReplayWindow {
public:
    static constexpr uint64_t kWindowMs = 60'000;
    static constexpr size_t kMaxIds = 1024;

    static constexpr size_t kMaxIdBytes = 128;

    // WSE_EDENIED says why: the id is too long; the time is not within the window of `now_ms`, or
    // too far back to know whether the id was there before; or it was.
    Result<void> admit(std::string_view id, uint64_t time_ms, uint64_t now_ms);
    size_t size() const { return ids_.size(); }

private:
    void forget_before(uint64_t time_ms);

    std::multimap<uint64_t, const std::string> by_time_;
    std::unordered_set<std::string_view> ids_;  // of the texts in there
    uint64_t floor_ms_ = 0;  // what is not newer may have been seen and forgotten
};

}  // namespace wse::session
