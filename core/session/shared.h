// SPDX-License-Identifier: MIT
// What the sessions of all loops share. [any]
#pragma once

#include "config/settings.h"
#include "session/rates.h"
#include "session/revocations.h"

namespace wse::session {

struct Shared {
    explicit Shared(const config::Limits &limits)
        : by_user(limits.rate_capacity_per_user, limits.rate_refill_per_user),
          by_address(limits.rate_capacity_per_ip, limits.rate_refill_per_ip),
          revocations(limits.revocations, limits.revocation_age_ms) {}

    SharedRates by_user;
    SharedRates by_address;
    Revocations revocations;
};

}  // namespace wse::session
