// SPDX-License-Identifier: MIT
#include "net/hop_by_hop.h"

#include <algorithm>
#include <array>

#include "net/head.h"

namespace wse::net {
namespace {

constexpr std::array<std::string_view, 11> kNames = {
    "connection",
    "content-length",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
};

}  // namespace

bool is_hop_by_hop(std::string_view name) {
    return std::any_of(kNames.begin(), kNames.end(),
                       [&](std::string_view one) { return equals_ignoring_case(name, one); });
}

}  // namespace wse::net
