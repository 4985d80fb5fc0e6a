// SPDX-License-Identifier: MIT
// An event while a module shapes it: what the module has set. [loop]
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <wse/module.h>

namespace wse::module {

struct Shaping {
    std::optional<std::string> type, id, payload, extra;
    std::optional<uint32_t> priority;
    std::optional<uint64_t> time_ms;

    wse_shaping *abi() { return reinterpret_cast<wse_shaping *>(this); }
    static Shaping &of(wse_shaping *shaping) { return *reinterpret_cast<Shaping *>(shaping); }
    // WSE_EINVAL: no such member, or a value that it cannot have.
    int32_t set(uint32_t member, const wse_bytes &value);
};

}  // namespace wse::module
