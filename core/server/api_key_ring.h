// SPDX-License-Identifier: MIT
// The keys of the HTTP API as they are in force: read again without a restart, and what each has
// used. [service loop]
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/api_keys.h"
#include "base/clock.h"
#include "base/token_bucket.h"
#include "config/settings.h"

namespace wse::server {

class ApiKeyRing {
public:
    struct Row {
        std::string name;
        uint64_t requests = 0;
        uint64_t limited = 0;  // refused by the rate
    };

    // Both outlive it.
    ApiKeyRing(const config::Http &settings, const Clock &clock)
        : settings_(settings), clock_(clock) {}

    // [main, or service loop] All or nothing: after an error, the keys are those of before. Who has
    // been there keeps its account. The number of keys.
    Result<size_t> reload();

    // The name of a key, valid until reload().
    std::optional<std::string_view> find(std::string_view key) const;
    // False: over the rate.
    bool take(std::string_view name, uint64_t operations);
    std::vector<Row> rows() const;  // in the order of the configuration

private:
    struct Account {
        TokenBucket bucket;
        uint64_t requests = 0;
        uint64_t limited = 0;
    };

    const config::Http &settings_;
    const Clock &clock_;
    admin::ApiKeys keys_;
    std::map<std::string, Account, std::less<>> accounts_;
};

}  // namespace wse::server
