// SPDX-License-Identifier: MIT
// An event while a module shapes it: what the module has set. [loop]
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <wse/module.h>

namespace wse::module {

struct Shaping {
    Shaping();
    ~Shaping();
    Shaping(const Shaping &) = delete;
    Shaping &operator=(const Shaping &) = delete;

    std::optional<std::string> type, id, payload, extra;
    std::optional<uint32_t> priority;
    std::optional<uint64_t> time_ms;

    wse_shaping *abi() { return reinterpret_cast<wse_shaping *>(this); }
    // Null unless it is the one that this thread made last: a module may keep the pointer longer
    // than it should.
    static Shaping *of(const wse_shaping *shaping);
    // WSE_EINVAL: no such member, or a value that it cannot have.
    int32_t set(uint32_t member, const wse_bytes &value);

private:
    Shaping *const outer_;
};

}  // namespace wse::module
