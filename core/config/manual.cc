// SPDX-License-Identifier: MIT
#include "config/manual.h"

#include "config/option.h"
#include "config/schema.h"

namespace wse::config {
namespace {

constexpr std::string_view kBegin = ".\\\" options of ";
constexpr std::string_view kEnd = ".\\\" end of options\n";

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

std::string range_of(const wse_option &option) {
    if (option.type == WSE_OPT_ENUM) {
        std::string text = "One of";
        for (const std::string &word : words_of(option)) text += ' ' + word;
        return text + ".\n";
    }
    if (option.min == 0 && option.max == 0) return {};
    const std::string text =
        "From " + written(option, option.min) + " to " + written(option, option.max);
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
        ".It Ic " + std::string(option.name) + " = Ar " + type_word(option.type) + '\n';
    text += sentence(escaped(option.help ? option.help : ""));
    text += range_of(option);
    text += default_of(option);
    if (option.flags & WSE_OPT_F_SECRET) text += "A secret.\n";
    if (option.env) text += "Overridden by\n.Ev " + std::string(option.env) + " .\n";
    return text;
}

}  // namespace

std::string manual_options(const OptionTable &table) {
    std::string items;
    for (const wse_option &option : Rows(table)) items += item(option);
    // mandoc warns of a list without items.
    return items.empty() ? items : ".Bl -tag -width Ds\n" + items + ".El\n";
}

std::string manual_with_options(const std::string &page, const std::string &owner,
                                const OptionTable &table) {
    std::string out = page;
    const std::string begin = std::string(kBegin) + owner + '\n';
    const size_t from = out.find(begin);
    const size_t to = out.find(kEnd, from);
    if (from == std::string::npos || to == std::string::npos) return out;
    return out.replace(from + begin.size(), to - from - begin.size(), manual_options(table));
}

std::string manual_with_options(const std::string &page) {
    std::string out = page;
    for (const Section &each : sections())
        out = manual_with_options(out, each.header(), each.table);
    return out;
}

}  // namespace wse::config
