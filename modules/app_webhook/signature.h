// SPDX-License-Identifier: MIT
// By which the application knows that a request is this server's, and when it was made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <wse/module.h>

namespace wse::app_webhook {

// "t=<milliseconds since 1970>,v1=<hex>" with one v1 for each secret: HMAC-SHA-256 of the time in
// decimal, a dot and the body. Empty without a secret.
std::string signature_of(const wse_strings &secrets, uint64_t now_ms, std::string_view body);

}  // namespace wse::app_webhook
