// SPDX-License-Identifier: MIT
// The ways to find the master that has a key: a fixed address, what sentinels say, or the slots of
// a cluster.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "locator.h"

namespace wse::backplane_redis::parts {

// How the options name it. User, password and database come from `url`, and so does the address
// where neither sentinels nor a cluster are named.
struct LocatorOptions {
    std::string url = {};                     // empty: redis://localhost:6379
    std::vector<std::string> sentinels = {};  // "[[user]:password@]host:port" of each
    std::string master = {};                  // its name at the sentinels
    std::vector<std::string> cluster = {};    // likewise, of some nodes
};

// What is wrong with them in one sentence without a secret, or empty.
std::string locator_problem(const LocatorOptions &options);

// Of options without a problem.
std::unique_ptr<Locator> make_locator(uv_loop_t *loop, const LocatorOptions &options);

// The slot of a key in a Redis Cluster: CRC16 of its hash tag, or of all of it.
uint16_t slot_of(std::string_view key);

}  // namespace wse::backplane_redis::parts
