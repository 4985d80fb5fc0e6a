// SPDX-License-Identifier: MIT
// Option tables as mdoc, for the manual pages: what is checked in is compared with this.
#pragma once

#include <string>

#include "config/bind.h"

namespace wse::config {

// A .Bl list with an item per option: type, bounds, default, environment variable, help.
std::string manual_options(const OptionTable &table);

// Puts the list of the table in the place of what stands between comments that name whose it is:
//     .\" options of [log]
//     .\" end of options
// Other text stays; without these comments all of it.
std::string manual_with_options(const std::string &page, const std::string &owner,
                                const OptionTable &table);
// The same for every core section.
std::string manual_with_options(const std::string &page);

}  // namespace wse::config
