// SPDX-License-Identifier: MIT
// What a client said of itself, as wse_transform_ops.open and rekey get it, and the way back.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace wse::offer {

// A JSON object and nothing else, in UTF-8. What follows reads an offer that is one.
bool is_object(std::string_view offer);

// The value at a path of names, {"hello", "features", "compression"}, as written; empty when there
// is none. Of two members with one name the first counts.
std::string_view find(std::string_view offer, std::initializer_list<std::string_view> path);

// The same of a string, with its escapes resolved.
std::optional<std::string> find_string(std::string_view offer,
                                       std::initializer_list<std::string_view> path);

// Puts `text` into a buffer of the ABI. WSE_ETOOBIG when it does not fit.
int32_t fill(std::string_view text, void *out, uint64_t *inout);

}  // namespace wse::offer
