// SPDX-License-Identifier: MIT
#include "config/binder.h"

#include <algorithm>
#include <cstring>

#include "config/hints.h"
#include "config/option.h"
#include "config/schema.h"
#include "config/secret.h"

namespace wse::config {
namespace {

// What an example in a hint would look like.
std::string example(const wse_option &option) {
    const bool string = option.type == WSE_OPT_STRING;
    return "add " + std::string(option.name) + " = " + (string ? "\"...\"" : "...") +
           (option.help ? ": " + std::string(option.help) : std::string());
}

// The same for a whole group: one of its options with its default.
std::string example_of_group(const OptionTable &table, std::string_view group) {
    for (const wse_option &option : Rows(table)) {
        const bool required = (option.flags & WSE_OPT_F_REQUIRED) != 0;
        if (group_of(option) != group || (!option.fallback && !required)) continue;
        const bool string = !required && value_of_fallback(option).kind == Kind::kString;
        const std::string value = required ? "\"...\""
                                  : string ? quoted(option.fallback)
                                           : option.fallback;
        return "write " + std::string(group) + " = { " + std::string(key_of(option)) + " = " +
               value + " }";
    }
    return {};
}

// The table in which the option's key stands: the section, or its group there.
const Value *table_of(const Place &place, const wse_option &option) {
    const std::string_view group = group_of(option);
    return group.empty() || !place.table ? place.table : place.table->find_table(group);
}

bool contains(std::span<const std::string> keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

std::string origin_of(const Location &at) {
    if (!at.source) return "default";
    if (at.source->kind == Source::Kind::kOverride) return "-g";
    return at.source->name + ':' + std::to_string(at.line);
}

bool Binder::bind(const Place &place, const OptionTable &table, void *config,
                  std::vector<std::string> *ret_origins) {
    const size_t errors = diagnostics_.error_count();
    meant_.clear();
    if (place.table && !place.open) check_unknown(place, table);
    for (const wse_option &option : Rows(table)) {
        std::string origin;
        bind_option(place, option, config, origin);
        if (ret_origins) ret_origins->push_back(std::move(origin));
    }
    return diagnostics_.error_count() == errors;
}

void Binder::check_unknown(const Place &place, const OptionTable &table) {
    std::vector<std::string> known = keys_of(table);
    if (place.foreign) known.emplace_back(kLoadKey);
    for (const Member &member : place.table->members) {
        if (!contains(known, member.name)) {
            report_unknown(place, member, place.header, known);
        } else if (!keys_of(table, member.name).empty()) {
            check_group(place, table, member);
        }
    }
}

void Binder::check_group(const Place &place, const OptionTable &table, const Member &group) {
    if (group.value.broken) return;
    if (group.value.kind != Kind::kTable) {
        diagnostics_.error(group.value.at,
                           place.name + '.' + group.name + ": expected a table, got " +
                               kind_name(group.value.kind),
                           example_of_group(table, group.name));
        return;
    }
    const std::vector<std::string> known = keys_of(table, group.name);
    for (const Member &member : group.value.members) {
        if (contains(known, member.name)) continue;
        report_unknown(place, member, group.name + " of " + place.header, known);
    }
}

void Binder::report_unknown(const Place &place, const Member &member, const std::string &header,
                            std::span<const std::string> known) {
    // A misspelt secret is one all the same.
    if (place.foreign) diagnostics_.hide_line(member.value.at);
    if (place.foreign) diagnostics_.hide_line(member.at);
    KeyHint hint = hint_for_key(member.name, known, place.foreign);
    diagnostics_.error(member.at, "unknown key '" + member.name + "' in " + header,
                       std::move(hint.text));
    meant_.push_back(std::move(hint.meant));
}

Binder::Given Binder::from_environment(const wse_option &option, const char *text) {
    const std::string prefix = std::string(option.env) + '=';
    const bool secret = (option.flags & WSE_OPT_F_SECRET) != 0;
    variables_.push_back(
        {Source::Kind::kEnvironment, "environment", prefix + (secret ? "***" : text)});
    const Location at{&variables_.back(), 1, static_cast<uint32_t>(prefix.size() + 1)};
    return {true, value_of_environment(option, text, at), "environment " + std::string(option.env)};
}

Binder::Given Binder::pick(const Place &place, const wse_option &option) {
    const Value *const table = table_of(place, option);
    const Member *const member = table ? table->find(key_of(option)) : nullptr;
    const bool overridden = member && member->value.at.source &&
                            member->value.at.source->kind == Source::Kind::kOverride;
    const char *const variable = document_.environment(option.env);
    if (variable && !overridden) return from_environment(option, variable);
    if (member) return {true, member->value, origin_of(member->value.at)};
    return {};
}

void Binder::bind_option(const Place &place, const wse_option &option, void *config,
                         std::string &ret_origin) {
    Given given = pick(place, option);
    // A group that is not there has no defaults either: it is switched off.
    if (!given.found && !group_of(option).empty() && !table_of(place, option)) return;
    if (!given.found && (option.flags & WSE_OPT_F_REQUIRED)) {
        report_missing(place, option);
        return;
    }
    if (!given.found) {
        if (!option.fallback) return;
        given.value = value_of_fallback(option);
        given.value.at = place.at;
        given.origin = "default";
    }
    if (is_broken(given.value)) return;
    Misfit misfit;
    if (given.found && (option.flags & WSE_OPT_F_SECRET)) {
        misfit = resolve_secret(document_, given.value, diagnostics_);
    }
    if (!misfit && (option.flags & WSE_OPT_F_PATH)) {
        misfit = resolve_readable(document_, given.value);
    }
    if (!misfit) misfit = store(option, given.value, config, arena_);
    if (misfit) {
        diagnostics_.error(misfit.at, place.name + '.' + option.name + misfit.message,
                           std::move(misfit.hint));
        return;
    }
    ret_origin = std::move(given.origin);
}

void Binder::report_missing(const Place &place, const wse_option &option) {
    // What a syntax error took away is not missing, nor what is there under a misspelt name.
    if (!document_.complete) return;
    if (contains(meant_, option.name)) return;
    diagnostics_.error(place.at, place.name + '.' + option.name + ": required, but not given",
                       example(option));
}

}  // namespace wse::config
