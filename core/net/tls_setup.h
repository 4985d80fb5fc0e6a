// SPDX-License-Identifier: MIT
// What is the same for every TLS connection: versions, ciphers, protocols, tickets.
#pragma once

#include <string_view>

#include "net/tls_context.h"

namespace wse::net {

// A context without a certificate. `owner` outlives every handshake with it.
TlsPtr<ssl_ctx_st> make_tls_context(const TlsContext &owner, std::string_view listener);

// Clients are asked for a certificate, and verified against what `trusted` vouches for.
void ask_for_certificate(ssl_ctx_st &context, const std::vector<TlsPtr<x509_st>> &trusted,
                         bool required);

}  // namespace wse::net
