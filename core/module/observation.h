// SPDX-License-Identifier: MIT
// What happens, and where it is told.
#pragma once

#include <cstdint>
#include <string_view>

#include <wse/module.h>

namespace wse::module {

// What a wse_observation holds. Everything is borrowed for the call.
struct Observation {
    uint32_t event = 0;  // one of WSE_OBSERVE_*
    uint64_t time_ms = 0;
    std::string_view connection = {};
    std::string_view user = {};
    std::string_view peer = {};
    std::string_view listener = {};
    std::string_view topic = {};
    std::string_view detail = {};
    uint64_t number = 0;
};

// Where what happens is told; one per thread that tells. Who tells asks wants() first, and makes no
// observation that nobody wants.
class Observations {
public:
    explicit Observations(uint32_t mask) : mask_(mask) {}
    virtual ~Observations() = default;
    bool wants(uint32_t event) const { return (mask_ & event) != 0; }
    // Never waits; what cannot be taken is dropped and counted.
    virtual void add(const Observation &observation) = 0;

private:
    const uint32_t mask_;  // of WSE_OBSERVE_*
};

}  // namespace wse::module
