// SPDX-License-Identifier: MIT
#include "report.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/utf8.h"

namespace wse::check {
namespace {

// What a module says of itself may be anything.
std::string printable(std::string text) {
    const bool is_text = is_utf8(text);
    std::replace_if(
        text.begin(), text.end(),
        [is_text](unsigned char c) { return c < ' ' || c == 0x7f || (c > 0x7f && !is_text); }, ' ');
    return text;
}

}  // namespace

void Report::add(Finding finding) {
    finding.text = printable(std::move(finding.text));
    const auto same = [&](const Finding &one) { return one.text == finding.text; };
    if (std::none_of(findings.begin(), findings.end(), same))
        findings.push_back(std::move(finding));
}

std::string Report::text() const {
    std::string out = file;
    if (!module.empty()) out += ": " + module + ' ' + version + ", kind " + kind;
    out += '\n';
    for (const Finding &finding : findings)
        out += "  " + finding.trial + ": " + finding.text + '\n';
    for (const std::string &one : skipped) out += "  not tried: " + one + '\n';
    const size_t count = findings.size();
    return out + (count == 0   ? "nothing found\n"
                  : count == 1 ? "1 finding\n"
                               : std::to_string(count) + " findings\n");
}

std::string Report::json() const {
    JsonWriter out;
    out.begin_object().member("file", printable(file)).member("module", module);
    out.member("version", version).member("kind", kind).key("findings").begin_array();
    for (const Finding &finding : findings)
        out.begin_object().member("trial", finding.trial).member("text", finding.text).end_object();
    out.end_array().key("skipped").begin_array();
    for (const std::string &one : skipped) out.string(one);
    return out.end_array().end_object().text() + '\n';
}

}  // namespace wse::check
