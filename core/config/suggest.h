// SPDX-License-Identifier: MIT
// "did you mean": the known word nearest to what was written.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wse::config {

// Insertions, deletions, substitutions and swaps of neighbours between the two, letter case and
// '-' for '_' aside.
size_t edit_distance(std::string_view a, std::string_view b);

// Empty when none is near enough to be meant: about one edit in four characters, or a word that the
// other begins with.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace wse::config
