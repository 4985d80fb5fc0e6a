// SPDX-License-Identifier: MIT
#include "options.h"

namespace wse::backplane_redis::parts {
namespace {

std::vector<std::string> texts_of(const wse_strings &strings) {
    return {strings.items, strings.items + strings.count};
}

}  // namespace

LocatorOptions locator_options(const char *url, const PartsConfig &config) {
    return {.url = url ? url : "",
            .sentinels = texts_of(config.sentinels),
            .master = config.master ? config.master : "",
            .cluster = texts_of(config.cluster)};
}

std::string parts_problem(const char *url, const PartsConfig &config) {
    std::string problem = locator_problem(locator_options(url, config));
    if (!problem.empty() || !config.fernet_key) return problem;
    problem = Seal::key_problem(config.fernet_key);
    return problem.empty() ? "" : "fernet_key: " + problem;
}

std::unique_ptr<Seal> make_seal(const PartsConfig &config) {
    return config.fernet_key ? std::make_unique<Seal>(config.fernet_key) : nullptr;
}

}  // namespace wse::backplane_redis::parts
