// SPDX-License-Identifier: MIT
// What the application is asked, and by what a kept answer is found again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wse/module.h>

namespace wse::auth_http {

using NamedHeaders = std::vector<std::pair<std::string, std::string_view>>;

// {"source","credential","peer","listener","subject"?,"headers"?}. Empty when something of it is
// not UTF-8, and therefore in no JSON.
std::optional<std::string> body_of(const wse_auth_request &request, const NamedHeaders &headers);

// The SHA-256 digest of a body: an answer is good for this very question, and no credential is
// kept. Empty when OpenSSL has none.
std::string key_of(std::string_view body);

}  // namespace wse::auth_http
