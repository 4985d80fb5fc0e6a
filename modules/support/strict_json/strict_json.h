// SPDX-License-Identifier: MIT
// JSON objects from strangers, as a tree of cJSON that can be trusted to mean one thing.
#pragma once

#include <cjson/cJSON.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace wse::strict_json {

inline constexpr int kMaxMembers = 64;  // of the outer object; the server takes no more in claims

struct Free {
    void operator()(cJSON *node) const { cJSON_Delete(node); }
};
using Object = std::unique_ptr<cJSON, Free>;

// Null unless `text` is an object and nothing else, plain by is_plain_json() (text.h), with at most
// kMaxMembers members, none of whose names, escapes resolved, stands twice: two readers of it might
// believe different ones. Numbers are read as strtod() does: 01 is 1. Nothing here depends on how a
// number is written, and the server reads the claims of a session to the letter.
Object parse_object(std::string_view text);

// The same of an object inside: no name of it stands twice, and there are not too many.
bool names_are_unique(const cJSON *object);

// Null when there is none. Case matters.
const cJSON *member(const cJSON *object, const char *name);
inline const cJSON *member(const Object &object, const char *name) {
    return member(object.get(), name);
}

// The text of a string; empty for null and for everything else.
std::string_view string_of(const cJSON *node);

// A NumericDate of RFC 7519, whole or not, in milliseconds. Empty unless it is a number from 0 to
// the end of the year 9999, which also catches dates given in milliseconds.
std::optional<uint64_t> date_ms(const cJSON *node);

}  // namespace wse::strict_json
