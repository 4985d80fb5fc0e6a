// SPDX-License-Identifier: MIT
// What a session reads from the request that opened it: cookies, query parameters, the token.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"
#include "module/auth.h"
#include "net/handler.h"

namespace wse::session {

// The decoded value of the first parameter of that name ('+' is a blank, %XX an octet), or empty.
std::string query_value(std::string_view query, std::string_view name);

// All parameters as a JSON object of strings, the first of each name, for modules: at most 32, what
// is no text and the token left out.
std::string query_object(std::string_view query);

// The value of the first cookie of that name in any Cookie header (RFC 6265 section 5.4), without
// surrounding quotes, or empty.
std::string cookie_value(const net::RequestHead &head, std::string_view name);

struct FoundCredential {
    module::Credential source = module::Credential::kNone;
    std::string text;
};

// The cookie, then `Authorization: Bearer`, then `?token=` where the listener allows it. The values
// "undefined" and "null" count as absent: browsers' scripts write them.
FoundCredential find_credential(const net::RequestHead &head, const config::Listen &listen);

// Origin against the listener's list. No Origin: not a browser, admitted. An empty list admits only
// the same origin, that is a host equal to the Host header.
bool origin_allowed(const net::RequestHead &head, const config::Listen &listen);

}  // namespace wse::session
