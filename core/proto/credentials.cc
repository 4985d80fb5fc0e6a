// SPDX-License-Identifier: MIT
#include "proto/credentials.h"

#include "base/json.h"
#include "base/json_scan.h"
#include "proto/system_message.h"

namespace wse::proto {
namespace {

constexpr size_t kMaxTokenBytes = size_t{16} << 10;  // more than a request head has room for

std::string expiry(std::string_view type, uint64_t expires_ms) {
    JsonWriter out = system_message(type);
    out.member("expires_at", expires_ms);
    return finish(out);
}

}  // namespace

bool hello_refreshes(std::string_view payload) {
    return find_json_member(find_json_member(payload, "features"), "auth_refresh") == "true";
}

Result<std::string> refresh_token(std::string_view payload) {
    const std::string_view raw = find_json_member(payload, "token");
    if (raw.size() > kMaxTokenBytes) return Error{WSE_ETOOBIG, "token: too long"};
    auto document = JsonDocument::parse(raw);
    const auto token = document ? document->root().string() : std::nullopt;
    if (!token || token->empty()) return Error{WSE_EINVAL, "token: missing or not a text"};
    return std::string(*token);
}

std::string auth_refreshed(uint64_t expires_ms) {
    return expiry("auth_refreshed", expires_ms);
}

std::string auth_expiring(uint64_t expires_ms) {
    return expiry("auth_expiring", expires_ms);
}

}  // namespace wse::proto
