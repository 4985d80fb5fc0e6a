// SPDX-License-Identifier: MIT
// How long to wait before a request is sent again.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

namespace wse::app_webhook {

class Backoff {
public:
    Backoff(uint64_t first_ms, uint64_t last_ms, uint64_t seed);

    // After another failure.
    uint64_t next_ms();
    void reset() { failures_ = 0; }

private:
    const uint64_t first_ms_;
    const uint64_t last_ms_;
    uint32_t failures_ = 0;
    std::minstd_rand random_;
};

// What Retry-After asks for (RFC 9110, section 10.2.3), which is a number of seconds or a date; 0
// for neither, and for a date that is past.
uint64_t retry_after_ms(std::string_view header, uint64_t now_ms);

}  // namespace wse::app_webhook
