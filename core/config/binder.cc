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
    std::vector<std::string> known = names_of(table);
    if (place.foreign) known.emplace_back(kLoadKey);
    for (const Member &member : place.table->members) {
        if (std::find(known.begin(), known.end(), member.name) != known.end()) continue;
        // A misspelt secret is one all the same.
        if (place.foreign) diagnostics_.hide_line(member.value.at);
        if (place.foreign) diagnostics_.hide_line(member.at);
        KeyHint hint = hint_for_key(member.name, known, place.foreign);
        diagnostics_.error(member.at, "unknown key '" + member.name + "' in " + place.header,
                           std::move(hint.text));
        meant_.push_back(std::move(hint.meant));
    }
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
    const Member *const member = place.table ? place.table->find(option.name) : nullptr;
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
    if (std::find(meant_.begin(), meant_.end(), option.name) != meant_.end()) return;
    diagnostics_.error(place.at, place.name + '.' + option.name + ": required, but not given",
                       example(option));
}

}  // namespace wse::config
