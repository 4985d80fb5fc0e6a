// SPDX-License-Identifier: MIT
#include "server/api_key_ring.h"

namespace wse::server {

Result<size_t> ApiKeyRing::reload() {
    auto keys = admin::ApiKeys::read(settings_.keys, settings_.key_file);
    if (!keys) return keys.error();
    std::map<std::string, Account, std::less<>> accounts;
    for (const auto &key : keys->keys()) {
        const auto known = accounts_.find(key.name);
        const TokenBucket full(settings_.rate_capacity, settings_.rate_refill,
                               clock_.monotonic_ms());
        accounts.emplace(key.name, known == accounts_.end() ? Account{full} : known->second);
    }
    keys_ = std::move(*keys);
    accounts_ = std::move(accounts);
    return keys_.keys().size();
}

std::optional<std::string_view> ApiKeyRing::find(std::string_view key) const {
    const auto index = keys_.find(key);
    return index ? std::optional<std::string_view>(keys_.keys()[*index].name) : std::nullopt;
}

bool ApiKeyRing::take(std::string_view name, uint64_t operations) {
    const auto found = accounts_.find(name);
    if (found == accounts_.end()) return false;
    Account &account = found->second;
    account.requests += operations;
    const bool limited = settings_.rate_capacity > 0;
    if (!limited || account.bucket.take(clock_.monotonic_ms(), operations)) return true;
    account.limited += operations;
    return false;
}

std::vector<ApiKeyRing::Row> ApiKeyRing::rows() const {
    std::vector<Row> rows;
    for (const auto &key : keys_.keys()) {
        const Account &account = accounts_.at(key.name);
        rows.push_back({key.name, account.requests, account.limited});
    }
    return rows;
}

}  // namespace wse::server
