// SPDX-License-Identifier: MIT
// Certificates: a listener's TLS, which can be read again while it serves. Connections that exist
// stay as they are; those to come get what was read last.
#pragma once

#include <mutex>
#include <vector>

#include "base/clock.h"
#include "net/tls_context.h"

namespace wse::net {

class Certificates {
public:
    // Has nothing before the first replace(). Both outlive it.
    Certificates(TlsOptions options, TicketKeys &tickets, const Clock &clock)
        : options_(std::move(options)), tickets_(tickets), clock_(clock) {}

    // [any] The files as they are now; null when they cannot be used. Nothing changes yet, so that
    // several listeners change together or not at all.
    Ref<const TlsContext> read(std::vector<TlsProblem> &ret_problems) const;
    // [any] What read() yielded is for new connections from now on.
    void replace(Ref<const TlsContext> fresh);
    // [any]
    Ref<const TlsContext> current() const;

    const std::string &listener() const { return options_.listener; }

private:
    const TlsOptions options_;
    TicketKeys &tickets_;
    const Clock &clock_;
    mutable std::mutex mutex_;
    Ref<const TlsContext> current_;
};

}  // namespace wse::net
