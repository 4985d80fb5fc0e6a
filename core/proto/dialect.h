// SPDX-License-Identifier: MIT
// How clients of either generation want messages written. Those of 1.x have the category in front
// of the JSON, `U{"t":…}`, where later ones have it in the JSON, `{"c":"U","t":…}`.
#pragma once

#include <string>
#include <string_view>

namespace wse::proto {

enum class Dialect : uint8_t { kCurrent, kPrefixed };

// From the `client_version` of the URL; what is not known is current.
Dialect dialect_of(std::string_view client_version);

// A message of ours, which begins with its category, as 1.x clients read it. Other text stays.
std::string prefixed(std::string_view message);

}  // namespace wse::proto
