// SPDX-License-Identifier: MIT
// The opening handshake of a WebSocket, server side (RFC 6455 section 4.2). No subprotocol is
// negotiated.
#pragma once

#include <string>

#include "net/head.h"

namespace wse::net {

// Status 0: the request asks for a WebSocket as it should. 426: it is not an upgrade, or another
// version of the protocol.
HttpError check_upgrade(const Request &request);

// The 101 that answers a request which passed check_upgrade(). `extension`: what is agreed, as the
// header says it, or empty.
std::string upgrade_answer(const RequestHead &head, std::string_view extension = {});

}  // namespace wse::net
