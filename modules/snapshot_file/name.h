// SPDX-License-Identifier: MIT
// Which file a topic has.
#pragma once

#include <string>
#include <string_view>

namespace wse::snapshot_file {

// The topic, with every octet but A-Z a-z 0-9 : _ . - written as %XX (upper case), and a dot at the
// front too, and then the suffix: `orders:42` is orders:42.json, `../x` is %2E.%2Fx.json. Each
// topic has its own name, which has no '/' and does not begin with a dot. Empty when it is longer
// than a file's name can be.
std::string file_name(std::string_view topic, std::string_view suffix);

// A sentence when no name could end like this, or empty.
std::string suffix_problem(std::string_view suffix);

}  // namespace wse::snapshot_file
