// SPDX-License-Identifier: MIT
// How libwebsockets' questions about a connection are answered.
#pragma once

struct lws_protocols;

namespace wse::admin {

// The protocol table of the server's vhost. The context's user pointer must be a
// std::atomic<uint32_t> that counts the connections.
const lws_protocols *http_protocols();

}  // namespace wse::admin
