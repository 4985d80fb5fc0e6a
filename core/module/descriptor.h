// SPDX-License-Identifier: MIT
// Judging a module's descriptor: may this server use it? Pure: no file, no linker.
#pragma once

#include <cstdint>

#include <wse/module.h>

#include "base/result.h"
#include "config/bind.h"

namespace wse::module {

// Sizes that ABI 1.0 had. What is shorter is no module; what is longer was built with a newer
// header, and its tail is not looked at.
inline constexpr uint32_t kDescriptorSize1_0 = 96;
inline constexpr uint32_t kOptionSize1_0 = 72;

// Bounds on what a module may say of itself.
inline constexpr size_t kMaxNameLength = 64;
inline constexpr size_t kMaxVersionLength = 64;
inline constexpr uint32_t kMaxConfigSize = 1u << 20;

// Refusals of a symbol wse_module that is not there, or is a function.
inline constexpr const char *kNoSymbol =
    "exports no symbol wse_module; it is no module, or the symbol is hidden: declare it by "
    "including wse/module.h";
inline constexpr const char *kNoObject =
    "wse_module is not an object; define it as const wse_module_def";

// The one part of the ABI that no major version may change.
struct Preamble {
    uint32_t magic;
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t struct_size;
    wse_kind kind;
};

// Our copies of what a module says; members that its header did not have yet are null.
struct Descriptor {
    wse_module_def def{};
    // The one of its kind.
    wse_auth_ops auth{};
    wse_transform_ops transform{};
    wse_event_ops event{};
    wse_snapshot_ops snapshot{};
    wse_backplane_ops backplane{};
    wse_app_ops app{};
    wse_observer_ops observer{};

    config::OptionTable options() const { return {def.options, def.option_size, def.config_size}; }
};

// Reads the object behind the symbol wse_module, of which `size` bytes exist. The first 16 bytes
// are copied and nothing else is read until they agree. The error is one sentence without the path:
// what is wrong, with both numbers, and what to do.
Result<Descriptor> read_descriptor(const void *object, uint64_t size);

// Its first step alone: nothing beyond the preamble is read. After it, read_descriptor follows the
// pointers in the object.
Result<Preamble> read_preamble(const void *object, uint64_t size);

// "auth", or "unknown".
const char *kind_name(wse_kind kind);

}  // namespace wse::module
