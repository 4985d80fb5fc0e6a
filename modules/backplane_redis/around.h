// SPDX-License-Identifier: MIT
// What stands around the shards of an instance, plugged into its context: the hosts that are there,
// what other programs publish, what cannot be delivered, and the key of payloads.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "context.h"
#include "parts/seal.h"
#include "parts/site.h"
#include "parts/surroundings.h"

namespace wse::backplane_redis {

// One loop, from which everything is called.
class Around {
public:
    // `context` and its locator outlive it.
    Around(Context &context, parts::HostsEvents events);
    // After `closed` of close().
    ~Around() = default;
    Around(const Around &) = delete;
    Around &operator=(const Around &) = delete;

    // This host agrees with the others: it takes a lease, and cleans up after hosts that are gone.
    void join();
    // It does not, and gives back what it has. Payloads stay sealed.
    void leave();
    // Nothing of that host is left.
    void settled(const std::string &host);
    // `closed` is called when the loop has no handle of ours, maybe in this call.
    void close(std::function<void()> closed);

private:
    void plug_in(Periphery &periphery);
    void left();
    bool is_here() const { return surroundings_ && !is_leaving_; }

    const Context &context_;
    const parts::HostsEvents events_;
    const parts::Site site_;
    const std::unique_ptr<parts::Seal> seal_;
    std::unique_ptr<parts::Surroundings> surroundings_;
    bool is_wanted_ = false;
    bool is_leaving_ = false;
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis
