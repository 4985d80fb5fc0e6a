// SPDX-License-Identifier: MIT
#include "options.h"

#include <cstddef>
#include <set>
#include <string_view>

#include "values.h"

namespace wse::event_map {

const wse_option kOptions[] = {
    {"types", WSE_OPT_PAIRS, 0, offsetof(Config, types), 0, 0, "{}", nullptr, nullptr,
     "type of a domain event = type on the wire"},
    {"lower_case", WSE_OPT_BOOL, 0, offsetof(Config, lower_case), 0, 0, "true", nullptr, nullptr,
     "a type that is not in `types` goes out in lower case"},
    {"keep", WSE_OPT_STRINGS, 0, offsetof(Config, keep), 0, 0, "[]", nullptr, nullptr,
     "the only members of the payload that go out; empty: all"},
    {"drop", WSE_OPT_STRINGS, 0, offsetof(Config, drop), 0, 0, "[]", nullptr, nullptr,
     "members of the payload that do not go out"},
    {"rename", WSE_OPT_PAIRS, 0, offsetof(Config, rename), 0, 0, "{}", nullptr, nullptr,
     "member of the payload = its name on the wire"},
    {"topics", WSE_OPT_STRINGS, 0, offsetof(Config, topics), 0, 0, "[]", nullptr, nullptr,
     "topics and patterns whose events are mapped; empty: all"},
    {"metadata", WSE_OPT_STRING, 0, offsetof(Config, metadata), 0, 0, "_metadata", nullptr, nullptr,
     "member of an event that has what is known about it"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

std::string problem_in(const Config &config) {
    if (config.keep.count > 0 && config.drop.count > 0)
        return "keep and drop: one of them is enough; what is not kept is dropped";
    if (*config.metadata == '\0') return "metadata: empty";
    for (uint64_t i = 0; i < config.types.count; ++i) {
        const wse_pair &pair = config.types.items[i];
        if (!is_type(pair.value))
            return std::string("types.") + pair.key + ": a type has 1 to 128 bytes of plain text";
    }
    std::set<std::string_view> names;
    for (uint64_t i = 0; i < config.rename.count; ++i) {
        const wse_pair &pair = config.rename.items[i];
        if (*pair.value == '\0') return std::string("rename.") + pair.key + ": empty";
        if (!names.insert(pair.value).second)
            return std::string("rename: two members would be '") + pair.value + "'";
    }
    return "";
}

}  // namespace wse::event_map
