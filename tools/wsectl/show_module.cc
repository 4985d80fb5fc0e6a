// SPDX-License-Identifier: MIT
#include "wsectl/show_module.h"

#include <utility>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "config/option.h"

namespace wse::ctl {
namespace {

using config::Rows;
using module::Image;

constexpr std::pair<uint32_t, const char *> kFlags[] = {
    {WSE_OPT_F_REQUIRED, "required"},
    {WSE_OPT_F_SECRET, "secret"},
    {WSE_OPT_F_AUTO, "auto"},
    {WSE_OPT_F_PATH, "path"},
};

// What a module says, fit for a terminal and for JSON.
std::string clean(std::string_view text) {
    if (is_utf8(text)) return printable(text);
    std::string out;
    for (const char c : text) {
        char escape[8];
        snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
        out += c >= 0x20 && c < 0x7f ? std::string(1, c) : escape;
    }
    return out;
}

std::string range_of(const wse_option &option) {
    if (option.type == WSE_OPT_ENUM) return clean(option.choices ? option.choices : "");
    if (option.min == 0 && option.max == 0) return {};
    return config::written(option, option.min) + " to " + config::written(option, option.max);
}

std::vector<std::string> flags_of(const wse_option &option) {
    std::vector<std::string> words;
    for (const auto &[flag, word] : kFlags)
        if (option.flags & flag) words.emplace_back(word);
    return words;
}

std::string joined_with(const std::vector<std::string> &words, const char *separator) {
    std::string text;
    for (const std::string &word : words) text += (text.empty() ? "" : separator) + clean(word);
    return text;
}

std::string abi_of(const module::Preamble &preamble) {
    return std::to_string(preamble.abi_major) + '.' + std::to_string(preamble.abi_minor);
}

std::string verdict_on(const Image &image) {
    return image.descriptor() ? "accepted" : "refused: " + clean(image.descriptor().error().text);
}

std::string show_options(const module::Descriptor &descriptor, const Style &style) {
    Table table({"OPTION", "TYPE", "RANGE", "DEFAULT", "ENVIRONMENT", "FLAGS", "HELP"});
    const auto text_or_dash = [](const char *text) { return text ? clean(text) : "-"; };
    for (const wse_option &option : Rows(descriptor.options())) {
        const std::string range = range_of(option);
        const std::string flags = joined_with(flags_of(option), ",");
        table.add({clean(option.name), config::type_word(option.type), range.empty() ? "-" : range,
                   text_or_dash(option.fallback), text_or_dash(option.env),
                   flags.empty() ? "-" : flags, clean(option.help ? option.help : "")});
    }
    return table.empty() ? "" : '\n' + table.text(style);
}

void write_option(JsonWriter &json, const wse_option &option) {
    json.begin_object().member("name", clean(option.name));
    json.member("type", config::type_word(option.type));
    const std::string range = range_of(option);
    if (!range.empty()) json.member("range", range);
    if (option.fallback) json.member("default", clean(option.fallback));
    if (option.env) json.member("env", clean(option.env));
    json.key("flags").begin_array();
    for (const std::string &flag : flags_of(option)) json.string(flag);
    json.end_array();
    json.member("help", clean(option.help ? option.help : "")).end_object();
}

void write_names(JsonWriter &json, const char *key, const std::vector<std::string> &names) {
    json.key(key).begin_array();
    for (const std::string &name : names) json.string(clean(name));
    json.end_array();
}

}  // namespace

std::string show_module(const std::string &path, const Image &image, const Style &style) {
    Sheet sheet;
    sheet.add("file", clean(path));
    sheet.add("verdict", verdict_on(image));
    if (const auto &preamble = image.preamble()) {
        sheet.add("kind", module::kind_name(preamble->kind));
        sheet.add("needs ABI", abi_of(*preamble));
    }
    if (const auto &descriptor = image.descriptor()) {
        sheet.add("name", clean(descriptor->def.name));
        sheet.add("version", clean(descriptor->def.version));
    }
    if (!image.exports().empty()) sheet.add("also exports", joined_with(image.exports(), ", "));
    if (!image.needs().empty()) sheet.add("needs", joined_with(image.needs(), ", "));
    std::string text = sheet.text(style);
    if (const auto &descriptor = image.descriptor()) text += show_options(*descriptor, style);
    return text;
}

std::string module_as_json(const std::string &path, const Image &image) {
    JsonWriter json;
    const auto &descriptor = image.descriptor();
    json.begin_object().member("file", clean(path)).member("accepted", descriptor.ok());
    if (!descriptor) json.member("refusal", clean(descriptor.error().text));
    if (const auto &preamble = image.preamble()) {
        json.member("kind", module::kind_name(preamble->kind));
        json.member("abi", abi_of(*preamble));
    }
    if (descriptor) {
        json.member("name", clean(descriptor->def.name));
        json.member("version", clean(descriptor->def.version));
        json.key("options").begin_array();
        for (const wse_option &option : Rows(descriptor->options())) write_option(json, option);
        json.end_array();
    }
    write_names(json, "exports", image.exports());
    write_names(json, "needs", image.needs());
    json.end_object();
    return json.take();
}

}  // namespace wse::ctl
