// SPDX-License-Identifier: MIT
// Locator: which Redis server keeps a key for now.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "redis_client/url.h"

namespace wse::backplane_redis {

// One loop, from which everything is called.
class Locator {
public:
    // The place, or none and one sentence without a secret.
    using Done =
        std::function<void(const std::optional<redis::Url> &at, const std::string &problem)>;

    virtual ~Locator() = default;
    // `done` is called once, not inside the call, and not any more after close().
    virtual void locate(const std::string &key, Done done) = 0;
    // What was said of the key does not hold, or its server cannot be reached: ask anew next time.
    virtual void moved(const std::string &key) = 0;
    // `closed` is called when the loop has no handle of the locator's, not in this call.
    virtual void close(std::function<void()> closed) = 0;
};

}  // namespace wse::backplane_redis
