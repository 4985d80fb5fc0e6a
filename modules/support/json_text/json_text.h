// SPDX-License-Identifier: MIT
// JSON as a text that is passed on as it is: is it valid, and where do the members of the outer
// object stand? No tree is built, so a large state costs one look.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wse::json_text {

inline constexpr int kMaxDepth = 64;       // the server takes no more
inline constexpr size_t kMaxMembers = 64;  // of the outer object, in members_of()

// One value of RFC 8259 and nothing else: UTF-8, no half of a surrogate pair, at most kMaxDepth
// levels.
bool is_json(std::string_view text);

struct Member {
    std::string_view name;   // as written, between the quotes
    std::string_view value;  // as written, without blanks around it
};

// Of a text that is_json(). False for what is no object, and for more than kMaxMembers members.
bool members_of(std::string_view text, std::vector<Member> &ret);

// Of a text that is_json(): the items of an array, as written. False for what is no array, and for
// more than `max` items.
bool items_of(std::string_view text, size_t max, std::vector<std::string_view> &ret);

// What a name or string of a text that is_json() says: `written` stands between the quotes, with
// its escapes. An escaped NUL is one octet 0.
std::string decoded(std::string_view written);

// Appends `text`, which is UTF-8, as a string with its quotes.
void append_string(std::string &out, std::string_view text);

}  // namespace wse::json_text
