// SPDX-License-Identifier: MIT
#include "options.h"

#include <cstddef>

namespace wse::event_filter {

const wse_option kOptions[] = {
    {"max_depth", WSE_OPT_INT, 0, offsetof(Config, max_depth), 1, 32, "8", nullptr, nullptr,
     "levels of $and, $or and $not in one filter"},
    {"max_conditions", WSE_OPT_INT, 0, offsetof(Config, max_conditions), 1, 1000, "64", nullptr,
     nullptr, "conditions in one filter"},
    {"max_pattern", WSE_OPT_SIZE, 0, offsetof(Config, max_pattern), 1, 4096, "256", nullptr,
     nullptr, "size of a $regex"},
    {"max_patterns", WSE_OPT_INT, 0, offsetof(Config, max_patterns), 0, 100'000, "1000", nullptr,
     nullptr, "$regex in all filters of the server together; 0: none is taken"},
    {"pattern_memory", WSE_OPT_SIZE, 0, offsetof(Config, pattern_memory), 16 * 1024,
     8 * 1024 * 1024, "64k", nullptr, nullptr, "memory that one $regex may use"},
    {"max_text", WSE_OPT_SIZE, 0, offsetof(Config, max_text), 1, 1024 * 1024, "4k", nullptr,
     nullptr, "size of the texts that a $regex looks at; longer ones do not match"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

}  // namespace wse::event_filter
