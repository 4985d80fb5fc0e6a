// SPDX-License-Identifier: MIT
// How long a response may be believed.
#pragma once

#include <cstdint>
#include <string>

#include "http_client/response_reader.h"

namespace wse::http {

// How a response may be used again (RFC 9111, of which only this is known here).
struct Freshness {
    bool store = false;
    uint64_t max_age_ms = 0;  // 0: ask each time whether it is still the same; at most a day
    std::string etag;         // as it came, or empty
};

Freshness freshness_of(const Response &response);

}  // namespace wse::http
