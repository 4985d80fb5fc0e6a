// SPDX-License-Identifier: MIT
// An issuer: where its keys come from, those that came last, and when they are asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "key_set.h"
#include "place.h"
#include "schedule.h"

namespace wse::auth_jwt {

// What a token of the issuer finds.
struct Standing {
    std::shared_ptr<const KeySet> keys;  // null: none that may serve
    uint64_t round = 0;                  // of the fetches that have ended
    bool is_coming = false;              // a fetch is under way
    bool may_come = false;               // or one may be asked for
    bool has_failed = false;             // the last one
};

// [any] Times as in Schedule. The lock is held for the copy of a pointer.
class Source {
public:
    Source(std::string issuer, Place place, const Schedule::Limits &limits)
        : issuer_(std::move(issuer)), place_(std::move(place)), schedule_(limits) {}

    const std::string &issuer() const { return issuer_; }
    const Place &place() const { return place_; }

    Standing look(uint64_t now) const;
    uint64_t due_ms() const;
    // True: the caller has to fetch, and to say how it ended.
    bool claim(uint64_t now);
    void succeed(std::shared_ptr<const KeySet> keys, uint64_t now, uint64_t max_age_ms);
    void fail(uint64_t now);

private:
    const std::string issuer_;
    const Place place_;
    mutable std::mutex mutex_;
    Schedule schedule_;
    std::shared_ptr<const KeySet> keys_;
    uint64_t round_ = 0;
};

}  // namespace wse::auth_jwt
