// SPDX-License-Identifier: MIT
// Whom a proxy speaks for, by the X-Forwarded-For of its request.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <span>

#include "base/network.h"
#include "net/head.h"

namespace wse::net {

// For a request whose peer is a trusted proxy: from the right, where the nearest proxy wrote, the
// first address that is no trusted proxy itself; when all are, the leftmost. Whatever stands left
// of it may be invented. Empty: there is no such header, or the nearest proxy wrote no address.
std::optional<sockaddr_storage> forwarded_client(const RequestHead &head,
                                                 std::span<const Network> trusted);

}  // namespace wse::net
