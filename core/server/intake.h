// SPDX-License-Identifier: MIT
// Intake: what the backplane brings in from the cluster, on its way to the hub. It is trusted no
// more than a publisher of here: what clients could not read goes no further, is counted and
// logged. [service loop]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "base/clock.h"
#include "base/counters.h"
#include "config/settings.h"
#include "server/cluster_link.h"

namespace wse::server {

class Intake {
public:
    // Everything outlives it.
    Intake(const config::Settings &settings, const Clock &clock, Counters &counters,
           ClusterLink &hub)
        : settings_(settings), clock_(clock), counters_(counters), hub_(hub) {}

    // The status is the module's: WSE_EAGAIN, the same once more in a moment; anything else that is
    // not WSE_OK, never again.
    int32_t message(const std::string &instance, const wse_message &message);
    int32_t followed(const std::string &instance, const wse_followed &followed);
    int32_t fact(const std::string &instance, const wse_fact &fact);
    // Something else was not sound.
    int32_t refuse(const std::string &instance, const char *what, const Error &why);

private:
    int32_t behind();
    Result<hub::Followed> read(const std::string &instance, const wse_followed &followed);
    std::vector<hub::Remote> read_messages(const std::string &instance,
                                           const wse_followed &followed);
    std::vector<hub::Fact> read_facts(const std::string &instance, const wse_followed &followed);
    Result<hub::Fact> read(const wse_fact &fact) const;
    Result<void> check(const wse_fact &fact) const;

    const config::Settings &settings_;
    const Clock &clock_;
    Counters &counters_;
    ClusterLink &hub_;
};

}  // namespace wse::server
