// SPDX-License-Identifier: MIT
#include "config/manual.h"

#include "config/option.h"
#include "config/schema.h"
#include "config/units.h"

namespace wse::config {
namespace {

constexpr std::string_view kBegin = ".\\\" options of ";
constexpr std::string_view kEnd = ".\\\" end of options\n";

const char *argument_of(wse_option_type type) {
    switch (type) {
        case WSE_OPT_BOOL:
            return "boolean";
        case WSE_OPT_INT:
        case WSE_OPT_FLOAT:
            return "number";
        case WSE_OPT_DURATION:
            return "duration";
        case WSE_OPT_SIZE:
            return "size";
        case WSE_OPT_ENUM:
            return "word";
        case WSE_OPT_STRINGS:
            return "list";
        case WSE_OPT_PAIRS:
            return "table";
        default:
            return "string";
    }
}

// Backslashes and quotes have a meaning in roff, and so has a line's first dot.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '"') {
            out += "\\(dq";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
    }
    return out;
}

std::string sentence(std::string text) {
    if (text.empty()) return text;
    if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text + ".\n";
}

std::string bound(const wse_option &option, int64_t value) {
    if (option.type == WSE_OPT_DURATION) return format_duration(value);
    if (option.type == WSE_OPT_SIZE) return format_size(value);
    return std::to_string(value);
}

std::string range_of(const wse_option &option) {
    if (option.type == WSE_OPT_ENUM) {
        std::string text = "One of";
        for (const std::string &word : words_of(option)) text += ' ' + word;
        return text + ".\n";
    }
    if (option.min == 0 && option.max == 0) return {};
    const std::string text =
        "From " + bound(option, option.min) + " to " + bound(option, option.max);
    return text + ((option.flags & WSE_OPT_F_AUTO) ? ", or auto.\n" : ".\n");
}

std::string default_of(const wse_option &option) {
    if (option.flags & WSE_OPT_F_REQUIRED) return "Required.\n";
    if (!option.fallback) return {};
    const bool empty = !*option.fallback || option.fallback == std::string_view("[]");
    if (empty) return "Default: empty.\n";
    return "Default:\n.Ql " + escaped(option.fallback) + " .\n";
}

std::string item(const wse_option &option) {
    std::string text =
        ".It Ic " + std::string(option.name) + " = Ar " + argument_of(option.type) + '\n';
    text += sentence(escaped(option.help ? option.help : ""));
    text += range_of(option);
    text += default_of(option);
    if (option.flags & WSE_OPT_F_SECRET) text += "A secret.\n";
    if (option.env) text += "Overridden by\n.Ev " + std::string(option.env) + " .\n";
    return text;
}

}  // namespace

std::string manual_options(const OptionTable &table) {
    std::string text = ".Bl -tag -width Ds\n";
    for (const wse_option &option : Rows(table)) text += item(option);
    return text + ".El\n";
}

std::string manual_with_options(const std::string &page) {
    std::string out = page;
    for (const Section &each : sections()) {
        const std::string begin = std::string(kBegin) + each.header() + '\n';
        const size_t from = out.find(begin);
        const size_t to = out.find(kEnd, from);
        if (from == std::string::npos || to == std::string::npos) continue;
        out.replace(from + begin.size(), to - from - begin.size(), manual_options(each.table));
    }
    return out;
}

}  // namespace wse::config
