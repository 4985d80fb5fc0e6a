// SPDX-License-Identifier: MIT
// Syntax errors in words an operator can use: the parser says what it met, this says what is
// missing, at the place where it should be. Works on lines; knows no parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wse::config {

struct SyntaxError {
    uint32_t line = 0;
    uint32_t column = 0;
    std::string message;  // the parser's, until explained
    std::string hint;
    bool spans_lines = false;  // in a list or table; what follows may be its consequence
};

// A line with what is needed to read it alone.
struct Statement {
    std::string with_header;  // the section header above it, then the line
    std::string before;       // the text before the line
};

Statement statement_at(std::string_view text, uint32_t line);

// A key or section that stands twice; the parser names it but not its first place.
bool is_repetition(const SyntaxError &error);

// Rewrites the message and moves the column to what a person would point at.
void explain_syntax(std::string_view text, SyntaxError &error);

// Blanks that line, a header by another that no file has (its keys must not fall to the section
// above). False when there is nothing to take out.
bool take_out(std::string &text, uint32_t line);
bool is_placeholder(std::string_view key);

// Does the line assign to something named like a secret? Before options are known by their tables
// this is all there is to go by.
bool may_be_secret(std::string_view text, uint32_t line);

}  // namespace wse::config
