// SPDX-License-Identifier: MIT
#include "net/certificates.h"

#include <utility>

namespace wse::net {

Ref<const TlsContext> Certificates::read(std::vector<TlsProblem> &ret_problems) const {
    return TlsContext::make(options_, tickets_, clock_.wall_ms(), ret_problems);
}

void Certificates::replace(Ref<const TlsContext> fresh) {
    const std::lock_guard lock(mutex_);
    std::swap(current_, fresh);
}

Ref<const TlsContext> Certificates::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

}  // namespace wse::net
