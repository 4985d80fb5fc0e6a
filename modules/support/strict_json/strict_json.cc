// SPDX-License-Identifier: MIT
#include "strict_json/strict_json.h"

#include <algorithm>
#include <cstring>

#include "strict_json/text.h"

namespace wse::strict_json {
namespace {

constexpr std::string_view kBlanks = " \t\n\r";
constexpr double kLastSecond = 253402300799.0;  // 9999-12-31T23:59:59Z

}  // namespace

bool names_are_unique(const cJSON *object) {
    int count = 0;
    for (const cJSON *a = object->child; a; a = a->next) {
        if (++count > kMaxMembers) return false;
        for (const cJSON *b = object->child; b != a; b = b->next) {
            if (std::strcmp(a->string, b->string) == 0) return false;
        }
    }
    return true;
}

Object parse_object(std::string_view text) {
    // cJSON would skip a byte order mark in front, and everything behind.
    const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
    const size_t end = text.find_last_not_of(kBlanks) + 1;
    if (text.substr(begin, 1) != "{" || !is_plain_json(text)) return nullptr;
    const char *parsed = nullptr;
    Object object(cJSON_ParseWithLengthOpts(text.data(), end, &parsed, false));
    if (!object || parsed != text.data() + end || !names_are_unique(object.get())) return nullptr;
    return object;
}

const cJSON *member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

std::string_view string_of(const cJSON *node) {
    return cJSON_IsString(node) ? std::string_view(node->valuestring) : std::string_view();
}

std::optional<uint64_t> date_ms(const cJSON *node) {
    // The comparison is false for NaN; 1e999 reads as infinity.
    if (!cJSON_IsNumber(node) || !(node->valuedouble >= 0 && node->valuedouble <= kLastSecond))
        return std::nullopt;
    return static_cast<uint64_t>(node->valuedouble * 1000);
}

}  // namespace wse::strict_json
