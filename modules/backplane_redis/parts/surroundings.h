// SPDX-License-Identifier: MIT
// All that stands around the shards, made, joined and closed in the right order.
#pragma once

#include <functional>
#include <string_view>

#include "dead_letters.h"
#include "hosts.h"
#include "ingress.h"
#include "link.h"
#include "locator.h"
#include "site.h"

namespace wse::backplane_redis::parts {

// Ids of counters.
struct SurroundingsCounters {
    uint32_t dead_letters = 0;
    IngressCounters ingress;
};

// One loop, from which everything is called.
class Surroundings {
public:
    // Site and locator outlive this.
    Surroundings(const Site &site, Locator &locator, uint64_t lease_ms,
                 const SurroundingsCounters &counters, HostsEvents events);
    // After `closed` of close().
    ~Surroundings() = default;
    Surroundings(const Surroundings &) = delete;
    Surroundings &operator=(const Surroundings &) = delete;

    DeadLetters &dead_letters() { return dead_letters_; }
    Hosts &hosts() { return hosts_; }
    const Ingress &ingress() const { return ingress_; }
    // Whether this host can publish, which it can from the start on; one that cannot does not take
    // the ingress, or gives it back.
    void set_ready(bool ready) { ingress_.set_ready(ready); }

    // An operator's question. False: it is none of ours, and `answer` is not called.
    bool command(std::string_view name, std::string_view request, DeadLetters::Answer answer);

    // Gives the leases back and answers commands as canceled. `closed` is called when the loop has
    // no handle of ours, not in this call.
    void close(std::function<void()> closed);

private:
    void one_closed();

    Link link_;
    DeadLetters dead_letters_;
    Hosts hosts_;
    Ingress ingress_;
    int open_ = 3;  // parts that use the link
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis::parts
