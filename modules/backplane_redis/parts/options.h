// SPDX-License-Identifier: MIT
// The options of the parts around the shards, as the server fills them in. Strings live until
// destroy.
#pragma once

#include <memory>
#include <string>

#include <wse/module.h>

#include "locators.h"
#include "seal.h"

namespace wse::backplane_redis::parts {

struct PartsConfig {
    wse_strings sentinels;
    const char *master;  // null: none
    wse_strings cluster;
    const char *fernet_key;  // null: nothing is sealed
};

// `url` may be null.
LocatorOptions locator_options(const char *url, const PartsConfig &config);

// [main] One sentence about the first option that is wrong, or empty. Never a part of a secret.
std::string parts_problem(const char *url, const PartsConfig &config);

// Of options without a problem. Null: nothing is sealed.
std::unique_ptr<Seal> make_seal(const PartsConfig &config);

}  // namespace wse::backplane_redis::parts
