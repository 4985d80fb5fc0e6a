// SPDX-License-Identifier: MIT
#include "source.h"

namespace wse::auth_jwt {

Standing Source::look(uint64_t now) const {
    const std::lock_guard lock(mutex_);
    // An issuer that shows no key at all may just be starting: its tokens are not called bad.
    const bool has_keys = keys_ && !keys_->keys().empty() && schedule_.serves(now);
    return {has_keys ? keys_ : nullptr, round_, schedule_.is_under_way(), schedule_.may_begin(now),
            schedule_.has_failed()};
}

uint64_t Source::due_ms() const {
    const std::lock_guard lock(mutex_);
    return schedule_.due_ms();
}

bool Source::claim(uint64_t now) {
    const std::lock_guard lock(mutex_);
    if (!schedule_.may_begin(now)) return false;
    schedule_.begin();
    return true;
}

void Source::succeed(std::shared_ptr<const KeySet> keys, uint64_t now, uint64_t max_age_ms) {
    const std::lock_guard lock(mutex_);
    schedule_.succeed(now, max_age_ms);
    keys_.swap(keys);
    ++round_;
}

void Source::fail(uint64_t now) {
    const std::lock_guard lock(mutex_);
    schedule_.fail(now);
    ++round_;
}

}  // namespace wse::auth_jwt
