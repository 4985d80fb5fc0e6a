// SPDX-License-Identifier: MIT
// check_table: a module's author made the table; what is wrong with it is said once, at loading.
#include <string>
#include <vector>

#include "config/arena.h"
#include "config/bind.h"
#include "config/option.h"
#include "config/schema.h"
#include "config/slot.h"

namespace wse::config {
namespace {

constexpr size_t kMaxRows = 256;

bool is_plain_name(std::string_view name) {
    if (name.empty() || name[0] < 'a' || name[0] > 'z') return false;
    return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
           std::string_view::npos;
}

bool is_option_name(const wse_option &option, bool groups) {
    if (!groups || group_of(option).empty()) return is_plain_name(option.name);
    return is_plain_name(group_of(option)) && is_plain_name(key_of(option));
}

std::string complaint_about_place(const wse_option &option, uint64_t config_size) {
    const size_t size = member_size(option.type);
    if (option.offset > config_size || size > config_size - option.offset) {
        return "offset " + std::to_string(option.offset) + " and " + std::to_string(size) +
               " bytes are beyond the config's " + std::to_string(config_size);
    }
    if (option.offset % member_alignment(option.type) != 0) {
        return "offset " + std::to_string(option.offset) + " is not aligned for its type";
    }
    return {};
}

std::string complaint_about_flags(const wse_option &option, bool of_core) {
    const uint32_t unknown = option.flags & ~(kAllOptionFlags | (of_core ? kOneOrMore : 0));
    if (unknown) return "flags " + std::to_string(unknown) + " are unknown to this server";
    if ((option.flags & WSE_OPT_F_AUTO) && option.type != WSE_OPT_INT) {
        return "flag AUTO is for integers";
    }
    const bool path = option.type == WSE_OPT_STRING || (of_core && option.type == WSE_OPT_STRINGS);
    if ((option.flags & WSE_OPT_F_PATH) && !path) return "flag PATH is for strings";
    const bool text = option.type == WSE_OPT_STRING || option.type == WSE_OPT_STRINGS ||
                      option.type == WSE_OPT_PAIRS;
    if ((option.flags & WSE_OPT_F_SECRET) && !text) return "flag SECRET is for strings";
    return {};
}

std::string complaint_about_fallback(const wse_option &option, uint64_t config_size) {
    if (!option.fallback) return {};
    std::vector<std::max_align_t> scratch(config_size / sizeof(std::max_align_t) + 1);
    Arena arena;
    const Misfit misfit = store(option, value_of_fallback(option), scratch.data(), arena);
    if (!misfit) return {};
    return "fallback" + misfit.message;
}

std::string complaint(const wse_option &option, uint64_t config_size, bool groups) {
    if (!is_option_name(option, groups)) return "a name is lower case letters, digits and '_'";
    if (option.name == std::string_view(kLoadKey)) return "the name belongs to the server";
    if (member_size(option.type) == 0) {
        return "type " + std::to_string(option.type) + " is unknown to this server";
    }
    for (const std::string &found :
         {complaint_about_flags(option, groups), complaint_about_place(option, config_size)}) {
        if (!found.empty()) return found;
    }
    if (option.min > option.max) {
        return "minimum " + std::to_string(option.min) + " is above maximum " +
               std::to_string(option.max);
    }
    if (option.type == WSE_OPT_ENUM) {
        const std::vector<std::string> words = words_of(option);
        if (words.empty()) return "no choices";
        for (const std::string &word : words) {
            if (word.empty()) return "an empty choice";
        }
    }
    return complaint_about_fallback(option, config_size);
}

Error refuse(const std::string &name, const std::string &why) {
    return {WSE_EINVAL, "option '" + name + "': " + why};
}

}  // namespace

Result<void> check_table(const OptionTable &table, bool groups) {
    if (!table.rows) return {};
    if (table.row_size < sizeof(wse_option) || table.row_size % alignof(wse_option) != 0) {
        return Error{WSE_EINVAL, "option rows of " + std::to_string(table.row_size) +
                                     " bytes, not at least " + std::to_string(sizeof(wse_option))};
    }
    std::vector<const wse_option *> seen;
    for (const wse_option &option : Rows(table)) {
        if (seen.size() == kMaxRows) {
            return Error{WSE_ETOOBIG, "more than " + std::to_string(kMaxRows) +
                                          " options, is the end of the table missing?"};
        }
        const std::string name = option.name;
        if (std::string why = complaint(option, table.config_size, groups); !why.empty()) {
            return refuse(name, why);
        }
        for (const wse_option *other : seen) {
            if (name == other->name) return refuse(name, "stands twice in the table");
            const bool apart = other->offset + member_size(other->type) <= option.offset ||
                               option.offset + member_size(option.type) <= other->offset;
            if (!apart) return refuse(name, "overlaps option '" + std::string(other->name) + '\'');
        }
        seen.push_back(&option);
    }
    return {};
}

}  // namespace wse::config
