// SPDX-License-Identifier: MIT
// Revocations: tokens that are not accepted any more, though they are valid: one by its identifier,
// or those of a user that were issued up to a moment. Each is remembered for a time, which should
// be longer than tokens live. [any]
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "module/auth.h"

namespace wse::session {

// Exactly one of user and token.
struct Revocation {
    std::string user = {};
    std::string token = {};         // the claim `jti`
    uint64_t issued_before_ms = 0;  // of a user: up to and with that moment, wall clock
    uint64_t made_ms = 0;           // wall clock

    // A token of that user that does not say when it was issued is one of them, too.
    bool covers(const module::Identity &identity) const;
};

// What a token says of itself; `claims` is a JSON object, or empty.
struct TokenFacts {
    std::string id;                       // `jti`; empty: none
    std::optional<uint64_t> issued_ms{};  // `iat`
};
TokenFacts token_facts(std::string_view claims);

class Revocations {
public:
    Revocations(size_t limit, uint64_t age_ms) : limit_(limit), age_ms_(age_ms) {}

    // Takes the place of an earlier one about the same; of a user's the later moment counts.
    // WSE_ETOOBIG: there are `limit` already, none of which is old enough to be forgotten.
    Result<void> add(Revocation revocation, uint64_t wall_ms);
    // Takes it back, when it could not be kept.
    void remove(const Revocation &revocation);
    bool covers(const module::Identity &identity, uint64_t wall_ms) const;
    // Those that count, in the order in which they were made.
    std::vector<Revocation> list(uint64_t wall_ms) const;
    uint64_t age_ms() const { return age_ms_; }

private:
    using Index = std::unordered_map<std::string, Revocation>;

    bool is_old(const Revocation &revocation, uint64_t wall_ms) const {
        return wall_ms > revocation.made_ms && wall_ms - revocation.made_ms >= age_ms_;
    }
    void forget_old(uint64_t wall_ms);

    const size_t limit_;
    const uint64_t age_ms_;
    mutable std::mutex mutex_;
    Index users_, tokens_;  // by what they are about
};

}  // namespace wse::session
