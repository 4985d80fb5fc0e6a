// SPDX-License-Identifier: MIT
// A strict look over one JSON text (RFC 8259) without building a tree: is it valid, and where do
// the members of the outer object stand? What a client sends passes here first, so that the depth,
// the syntax and the size are checked before anything allocates, and payloads are passed on byte
// for byte.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace wse {

inline constexpr int kJsonMaxDepth = 64;
inline constexpr size_t kJsonMaxMembers = 64;  // of the outer object; a message has a dozen

struct JsonMember {
    std::string_view name;   // as written, between the quotes, escapes untouched
    std::string_view value;  // as written, without blanks around it
};

// Any JSON value and nothing else in `text`. The caller has checked that it is UTF-8.
Result<void> check_json(std::string_view text);

// `text` must be an object; its members replace the content of `out`, whose views point into
// `text`. A name that stands twice (as written) is an error, since two readers might take different
// ones. After an error `out` holds nothing to rely on.
Result<void> scan_json_object(std::string_view text, std::vector<JsonMember> &out);

// `text` must be an array; its items, as written, replace the content of `out`. After an error
// `out` holds nothing to rely on.
Result<void> scan_json_array(std::string_view text, std::vector<std::string_view> &out);

// The first member `name` of an object of any size, or an empty view; also when `text` is no
// object.
std::string_view find_json_member(std::string_view text, std::string_view name);

// In a checked text: does a string have half a surrogate pair, as in "\ud800"? It is valid JSON,
// and many parsers refuse the whole text for it.
bool has_half_surrogate_pair(std::string_view text);

// In a checked text: has a number more digits in a row than that? It is valid JSON, and some
// parsers refuse the whole text for it (CPython's from 4300 digits on).
inline constexpr size_t kJsonMaxDigits = 1024;
bool has_long_number(std::string_view text);

// The value of `name`, or an empty view.
std::string_view find_member(const std::vector<JsonMember> &members, std::string_view name);

}  // namespace wse
