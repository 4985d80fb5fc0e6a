// SPDX-License-Identifier: MIT
// The counters of a module, from one table.
#pragma once

#include <cstddef>
#include <string>

#include <wse/module.h>

namespace wse::abi {

// One row.
struct Counter {
    const char *name;
    const char *help;
};

// [main] An empty text, or what the server did not take.
template <size_t count>
std::string register_counters(const wse_host *host, const Counter (&counters)[count],
                              uint32_t (&ret_ids)[count]) {
    for (size_t i = 0; i < count; ++i) {
        if (host->stat(host, counters[i].name, counters[i].help, &ret_ids[i]) != WSE_OK)
            return std::string("the server takes no counter ") + counters[i].name;
    }
    return "";
}

}  // namespace wse::abi
