// SPDX-License-Identifier: MIT
// How libwebsockets' questions about a connection are answered.
#pragma once

struct lws_protocols;

namespace wse::admin {

// The protocol table of the server's vhost. The context's user pointer must be an HttpShared, and
// the opaque pointer of a connection its HttpConnection, which goes with it.
const lws_protocols *http_protocols();

}  // namespace wse::admin
