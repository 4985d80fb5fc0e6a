// SPDX-License-Identifier: MIT
// Patterns of topics as the server has them: `*` is any run of bytes, `?` is one.
#pragma once

#include <string_view>

namespace wse::topic_glob {

// At most pattern × topic steps, whatever the pattern; no recursion.
bool matches(std::string_view pattern, std::string_view topic);

}  // namespace wse::topic_glob
