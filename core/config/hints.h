// SPDX-License-Identifier: MIT
// What an unknown name was probably meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wse::config {

struct KeyHint {
    std::string text;   // empty: nothing is near
    std::string meant;  // the key of the same section that was meant, if it is one
};

// An unknown `key` of a section with the keys `own`. `foreign`: a module's section, whose own keys
// are more likely than the core's.
KeyHint hint_for_key(std::string_view key, std::span<const std::string> own, bool foreign);

// An unknown name at the top of the file.
std::string hint_for_section(std::string_view name);

}  // namespace wse::config
