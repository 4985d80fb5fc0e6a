// SPDX-License-Identifier: MIT
#include "config/diagnostics.h"

#include <algorithm>
#include <string_view>

namespace wse::config {
namespace {

constexpr size_t kShownBytes = 400;
constexpr std::string_view kIndent = "    ";

std::string_view line_of(std::string_view text, uint32_t line) {
    for (uint32_t n = 1; n < line; ++n) {
        const size_t end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    text = text.substr(0, text.find('\n'));
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    return text;
}

// What a file says goes to a terminal: no control characters, no endless line.
std::string printable(std::string_view line) {
    std::string out(line.substr(0, kShownBytes));
    for (char &c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7f) c = '?';
    }
    return out;
}

std::string masked(const std::string &line) {
    const size_t equals = line.find('=');
    return equals == std::string::npos ? "***" : line.substr(0, equals + 1) + " ***";
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Blanks as wide as what stands before the column; a tab stays one, whatever its width.
std::string caret_line(std::string_view line, uint32_t column) {
    std::string out;
    uint32_t passed = 0;
    for (const char c : line) {
        if (continues_character(c)) continue;
        if (++passed >= column) break;
        out += c == '\t' ? '\t' : ' ';
    }
    return out + '^';
}

std::string place(const std::string &file, uint32_t line, uint32_t column) {
    if (line == 0) return file;
    return file + ':' + std::to_string(line) + ':' + std::to_string(column);
}

}  // namespace

std::string describe(const Location &at) {
    return at.source ? place(at.source->name, at.line, at.column) : "the configuration";
}

std::string Diagnostic::render() const {
    std::string out = place(file, line, column) + ": ";
    if (severity == Severity::kWarning) out += "warning: ";
    out += message + '\n';
    if (!source_line.empty()) {
        out.append(kIndent).append(source_line) += '\n';
        out.append(kIndent).append(caret_line(source_line, column)) += '\n';
    }
    if (!hint.empty()) out.append(kIndent).append(hint) += '\n';
    return out;
}

void Diagnostics::error(const Location &at, std::string message, std::string hint) {
    ++errors_;
    add(Severity::kError, at, std::move(message), std::move(hint));
}

void Diagnostics::warning(const Location &at, std::string message, std::string hint) {
    add(Severity::kWarning, at, std::move(message), std::move(hint));
}

void Diagnostics::add(Severity severity, const Location &at, std::string message,
                      std::string hint) {
    if (items_.size() >= kLimit) {
        ++unlisted_;
        return;
    }
    Diagnostic item{severity,
                    at.source ? at.source->name : "the configuration",
                    at.line,
                    at.column,
                    std::move(message),
                    {},
                    std::move(hint)};
    if (at.source && at.line > 0) {
        item.source_line = printable(line_of(at.source->text, at.line));
        const HiddenLine line{item.file, item.line, item.source_line};
        if (std::find(hidden_.begin(), hidden_.end(), line) != hidden_.end()) {
            item.source_line = masked(item.source_line);
        }
    }
    // A file's problems are found section by section and read line by line.
    auto position = items_.end();
    const auto same_file = [&](const Diagnostic &other) { return other.file == item.file; };
    const auto first = std::find_if(items_.begin(), items_.end(), same_file);
    if (first != items_.end()) {
        position = std::find_if(first, items_.end(), [&](const Diagnostic &other) {
            return !same_file(other) ||
                   std::pair(other.line, other.column) > std::pair(item.line, item.column);
        });
    }
    items_.insert(position, std::move(item));
}

void Diagnostics::hide_line(const Location &at) {
    if (!at.source || at.line == 0) return;
    HiddenLine hidden{at.source->name, at.line, printable(line_of(at.source->text, at.line))};
    for (Diagnostic &item : items_) {
        const bool same = hidden == HiddenLine{item.file, item.line, item.source_line};
        if (same && !item.source_line.empty()) item.source_line = masked(item.source_line);
    }
    hidden_.push_back(std::move(hidden));
}

std::string Diagnostics::render() const {
    std::string out;
    for (const Diagnostic &item : items_) out += item.render();
    if (unlisted_ > 0) out += "and " + std::to_string(unlisted_) + " more\n";
    return out;
}

}  // namespace wse::config
