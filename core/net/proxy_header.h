// SPDX-License-Identifier: MIT
// The header of the PROXY protocol, versions 1 and 2, by which a proxy says for whom it connects,
// before anything else.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace wse::net {

// A header that is longer, with all its additions, is malformed.
inline constexpr size_t kMaxProxyHeaderBytes = 4096;

struct ProxyHeader {
    enum class State { kMore, kMalformed, kDone };
    State state = State::kMore;
    size_t size = 0;                              // of the header, when done
    std::optional<sockaddr_storage> client = {};  // empty: the proxy speaks for itself
};

// `bytes` are all that have come so far.
ProxyHeader read_proxy_header(std::string_view bytes);

}  // namespace wse::net
