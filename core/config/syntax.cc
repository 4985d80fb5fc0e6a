// SPDX-License-Identifier: MIT
#include "config/syntax.h"

#include <algorithm>
#include <array>

namespace wse::config {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kPlaceholder = "\x01";

// Offsets of a line without its newline.
struct Span {
    size_t begin = 0;
    size_t end = 0;
};

Span span_of(std::string_view text, uint32_t line) {
    size_t begin = 0;
    for (uint32_t n = 1; n < line; ++n) {
        const size_t newline = text.find('\n', begin);
        if (newline == std::string_view::npos) return {text.size(), text.size()};
        begin = newline + 1;
    }
    return {begin, std::min(text.find('\n', begin), text.size())};
}

std::string_view line_text(std::string_view text, uint32_t line) {
    const Span span = span_of(text, line);
    return text.substr(span.begin, span.end - span.begin);
}

std::string_view trimmed(std::string_view text) {
    const size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_header(std::string_view line) {
    return trimmed(line).substr(0, 1) == "[";
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

uint32_t column_of(std::string_view line, size_t offset) {
    uint32_t column = 1;
    for (const char c : line.substr(0, offset)) {
        if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++column;
    }
    return column;
}

// What stands behind the '=' of a line, up to a blank, comma or comment.
struct Assigned {
    std::string_view word;
    uint32_t column = 0;
};

Assigned assigned(std::string_view line) {
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) return {};
    const size_t begin = line.find_first_not_of(kBlanks, equals + 1);
    if (begin == std::string_view::npos) return {};
    const size_t end = std::min(line.find_first_of(" \t\r,#", begin), line.size());
    return {line.substr(begin, end - begin), column_of(line, begin)};
}

bool is_number(std::string_view word) {
    return word.find_first_not_of("0123456789_.+-") == std::string_view::npos;
}

// `level = info`, `timeout = 5s`, `path = /wse`: a string without its quotes.
bool explain_bare_word(std::string_view line, SyntaxError &error) {
    const Assigned value = assigned(line);
    if (value.word.empty() || contains("\"'[{#", value.word.substr(0, 1))) return false;
    const auto end = value.column + column_of(value.word, value.word.size()) - 1;
    if (error.column < value.column || error.column > end || is_number(value.word)) return false;
    error.column = value.column;
    error.message = "a value that is not a number, true or false needs quotes";
    if (value.word == "True" || value.word == "yes" || value.word == "on") {
        error.hint = "write true";
    } else if (value.word == "False" || value.word == "no" || value.word == "off") {
        error.hint = "write false";
    } else {
        error.hint = "write \"" + std::string(value.word) + '"';
    }
    return true;
}

// The parser points behind the end of the line, a person at the quote that is not closed.
bool explain_open_string(std::string_view line, SyntaxError &error) {
    const bool about_string = contains(error.message, "parsing string") ||
                              contains(error.message, "parsing literal string");
    const bool at_end =
        error.column >= column_of(line, line.size()) || contains(error.message, "end-of-file");
    if (!about_string || !at_end) return false;
    const Assigned value = assigned(line);
    const size_t quote = line.find_last_of("\"'");
    if (quote == std::string_view::npos) return false;
    const bool starts_value = contains("\"'", value.word.substr(0, 1)) && !value.word.empty();
    error.column = starts_value ? value.column : column_of(line, quote);
    error.message = "the string is not closed on its line";
    return true;
}

struct Wording {
    std::string_view parser;
    std::string_view ours;
};

constexpr std::array<Wording, 13> kWordings = {{
    {"expected value, saw", "a value is missing here"},
    {"expected '=', saw", "expected '=' after the key"},
    {"table header: expected ']'", "the section header is not closed with ']'"},
    {"parsing root table", "expected a key or a section header"},
    {"parsing table header", "this is not a section header"},
    {"expected a comment or whitespace", "nothing may follow the value on its line but a comment"},
    {"parsing array: encountered end-of-file", "a list is not closed before the end of the file"},
    {"expected comma or closing ']'", "expected ',' or the ']' of the list"},
    {"parsing inline table", "expected a key or the '}' of the table on the same line"},
    {"could not determine value type", "a list or value is not closed before this"},
    {"unknown escape sequence", "unknown escape in a string, write '\\\\' for a backslash"},
    {"invalid utf-8", "the file is not valid UTF-8 here"},
    {"not representable", "the number is too large"},
}};

}  // namespace

Statement statement_at(std::string_view text, uint32_t line) {
    const std::string_view statement = line_text(text, line);
    std::string header;
    for (uint32_t above = line; above > 1 && header.empty() && !is_header(statement);) {
        --above;
        if (is_header(line_text(text, above))) header = line_text(text, above);
    }
    return {header + '\n' + std::string(statement),
            std::string(text.substr(0, span_of(text, line).begin))};
}

bool is_repetition(const SyntaxError &error) {
    return contains(error.message, "cannot redefine");
}

void explain_syntax(std::string_view text, SyntaxError &error) {
    const std::string_view line = line_text(text, error.line);
    if (contains(error.message, "is given twice")) return;
    error.spans_lines =
        contains(error.message, "parsing array") || contains(error.message, "parsing inline table");
    if (explain_open_string(line, error) || explain_bare_word(line, error)) return;
    for (const Wording &wording : kWordings) {
        if (!contains(error.message, wording.parser)) continue;
        error.message = wording.ours;
        return;
    }
    std::replace(error.message.begin(), error.message.end(), '\n', ' ');
    error.message.insert(0, "syntax error: ");
}

bool take_out(std::string &text, uint32_t line) {
    const Span span = span_of(text, line);
    const std::string_view statement = line_text(text, line);
    if (line == 0 || trimmed(statement).empty()) return false;
    std::string instead;
    if (is_header(statement)) instead = "[\"\\u0001" + std::to_string(line) + "\"]";
    text.replace(span.begin, span.end - span.begin, instead);
    return true;
}

bool is_placeholder(std::string_view key) {
    return key.substr(0, 1) == kPlaceholder;
}

bool may_be_secret(std::string_view text, uint32_t line) {
    const std::string_view statement = line_text(text, line);
    std::string key(trimmed(statement.substr(0, statement.find('='))));
    for (char &c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool ends_with_key = key.size() >= 3 && key.compare(key.size() - 3, 3, "key") == 0;
    return ends_with_key || contains(key, "secr") || contains(key, "passw") ||
           contains(key, "credential");
}

}  // namespace wse::config
