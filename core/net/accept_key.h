// SPDX-License-Identifier: MIT
// The two keys of the opening handshake (RFC 6455 section 4.2.2).
#pragma once

#include <string>
#include <string_view>

namespace wse::net {

// Sixteen bytes in base64?
bool is_websocket_key(std::string_view key);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string accept_key(std::string_view key);

}  // namespace wse::net
