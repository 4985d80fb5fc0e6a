// SPDX-License-Identifier: MIT
#include "proto/dialect.h"

namespace wse::proto {

Dialect dialect_of(std::string_view client_version) {
    return client_version.starts_with("1.") ? Dialect::kPrefixed : Dialect::kCurrent;
}

std::string prefixed(std::string_view message) {
    constexpr std::string_view kBegin = R"({"c":")";
    if (!message.starts_with(kBegin)) return std::string(message);
    const size_t end = message.find('"', kBegin.size());
    // A category and a comma, since no message has nothing else.
    if (end == std::string_view::npos || message.substr(end, 2) != "\",")
        return std::string(message);
    std::string out;
    out.reserve(message.size());
    out.append(message.substr(kBegin.size(), end - kBegin.size())).append("{");
    return out.append(message.substr(end + 2));
}

}  // namespace wse::proto
