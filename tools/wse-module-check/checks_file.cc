// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string_view>

#include "checks.h"
#include "config/option.h"
#include "module/image.h"

namespace wse::check {
namespace {

// What the server itself has no reason to refuse.
void check_option(const wse_option &option, Report &report) {
    const auto find = [&](const std::string &what) {
        report.add({"options", "option '" + std::string(option.name) + "': " + what});
    };
    const std::string_view help = option.help ? option.help : "";
    if (help.empty()) find("no help; the manual page is made of it");
    if (help.find('\n') != std::string_view::npos) find("the help has a newline");
    const bool required = (option.flags & WSE_OPT_F_REQUIRED) != 0;
    if (required && option.fallback) find("required, and has a fallback that is never used");
    const bool needs_fallback = option.type != WSE_OPT_STRING && option.type != WSE_OPT_STRINGS &&
                                option.type != WSE_OPT_PAIRS;
    if (needs_fallback && !required && !option.fallback) find("neither required nor a fallback");
    if ((option.flags & WSE_OPT_F_SECRET) && option.fallback && *option.fallback)
        find("a secret with a fallback is none");
    auto words = config::words_of(option);
    if (option.type != WSE_OPT_ENUM && !words.empty()) find("choices are for type ENUM");
    std::sort(words.begin(), words.end());
    if (std::adjacent_find(words.begin(), words.end()) != words.end())
        find("a choice stands twice");
}

// Sanitizers and coverage put symbols of their own into a module.
bool is_instrumentation(const std::string &name) {
    return name.starts_with("__asan") || name.starts_with("__ubsan") ||
           name.starts_with("__tsan") || name.starts_with("__gcov") ||
           name.starts_with("__odr_asan");
}

}  // namespace

void check_file(const Subject &subject, Report &report) {
    for (const wse_option &option : config::Rows(subject.descriptor().options()))
        check_option(option, report);
    const auto image = module::Image::read(subject.path);
    if (!image) return report.add({"symbols", image.error().text});
    for (const std::string &name : image->exports())
        if (!is_instrumentation(name))
            report.add({"symbols", "exports " + name + "; a module exports only wse_module"});
}

}  // namespace wse::check
