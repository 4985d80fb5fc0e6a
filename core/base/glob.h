// SPDX-License-Identifier: MIT
// Topic patterns: `*` is any run of bytes, also empty and across separators; `?` is one byte.
#pragma once

#include <string_view>

namespace wse {

// At most pattern × text steps, whatever the pattern; no recursion. A caller that puts literal text
// into a pattern first replaces the wildcards by bytes the text cannot have, and names those here.
bool glob_match(std::string_view pattern, std::string_view text, char any_run = '*',
                char any_byte = '?');

// Is there a text, of any bytes, that both patterns match? At most a × b steps, no recursion.
bool globs_intersect(std::string_view a, std::string_view b);

// True when the text has a `*` or a `?`.
bool is_pattern(std::string_view text);

}  // namespace wse
