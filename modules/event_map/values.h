// SPDX-License-Identifier: MIT
// Single values of an event, as they are written in its JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse::event_map {

inline constexpr size_t kMaxText = 128;  // of a type or an id; the server takes no more

// What the server takes for a type, or for an id.
bool is_type(std::string_view text);

// Nothing when it is no string, or one that no C string can hold.
std::optional<std::string> string_of(std::string_view raw);
// Nothing when it is no number.
std::optional<double> number_of(std::string_view raw);

// Milliseconds since 1970: of RFC 3339, or a number of them. Nothing for what is neither, and for
// numbers before 1973, which are seconds.
std::optional<uint64_t> time_of(std::string_view raw);

}  // namespace wse::event_map
