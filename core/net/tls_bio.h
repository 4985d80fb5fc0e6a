// SPDX-License-Identifier: MIT
// How OpenSSL reads and writes a socket of ours: never blocking, and never SIGPIPE, which its own
// way would bring.
#pragma once

struct bio_st;

namespace wse::net {

// The caller's. `fd` outlives it, and is not closed by it.
bio_st *make_socket_bio(const int &fd);

}  // namespace wse::net
