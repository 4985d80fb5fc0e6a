// SPDX-License-Identifier: MIT
// wse_bytes and std::string_view.
#pragma once

#include <string_view>

#include <wse/module.h>

namespace wse::module {

inline wse_bytes to_bytes(std::string_view text) {
    return {text.data(), text.size()};
}

inline std::string_view to_view(const wse_bytes &bytes) {
    return {static_cast<const char *>(bytes.data), bytes.data ? bytes.len : 0};
}

}  // namespace wse::module
