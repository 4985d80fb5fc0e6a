// SPDX-License-Identifier: MIT
// Patience: how long a client is waited for that sends a body or reads an answer. Each byte it
// moves earns a millisecond back, up to the whole: slower than 1000 bytes a second it runs out,
// however often a little comes, and a client at any other pace may stop for as long as the whole.
#pragma once

#include <algorithm>
#include <cstdint>

namespace wse::net {

class Patience {
public:
    explicit Patience(uint64_t whole_ms) : whole_ms_(whole_ms), left_ms_(whole_ms) {}

    void spend(uint64_t ms) { left_ms_ -= std::min(ms, left_ms_); }
    void earn(uint64_t bytes) { left_ms_ = std::min(left_ms_ + bytes, whole_ms_); }
    uint64_t left_ms() const { return left_ms_; }

private:
    uint64_t whole_ms_;
    uint64_t left_ms_;
};

}  // namespace wse::net
