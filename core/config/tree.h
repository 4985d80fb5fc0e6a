// SPDX-License-Identifier: MIT
// A TOML document as values with their places; knows nothing of the parser that made it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"

namespace wse::config {

enum class Kind : uint8_t { kBool, kInteger, kFloat, kString, kArray, kTable, kTime };

// "a string", "a whole number": for messages that say what is there.
const char *kind_name(Kind kind);

struct Member;

struct Value {
    Kind kind = Kind::kTable;
    bool boolean = false;
    int64_t integer = 0;
    double real = 0;
    std::string text;
    std::vector<Value> items;     // of an array
    std::vector<Member> members;  // of a table, in the order of the file
    Location at;
    bool broken = false;  // its variables could not be expanded: reported, and not to be used

    const Member *find(std::string_view name) const;
    Member *find(std::string_view name);
    // The table under that name; null when there is none, or something else.
    const Value *find_table(std::string_view name) const;
};

struct Member {
    std::string name;
    Location at;  // of the name
    Value value;
};

Value make_string(std::string text, const Location &at);

// Is this value, or one inside of it, broken?
bool is_broken(const Value &value);

// An array of tables: what [[name]] rows make, or a list of inline tables.
bool is_rows(const Value &value);

// The text as a TOML string; '$' doubled, since strings are expanded when they are read.
std::string quoted(std::string_view text);
// A key, quoted when it must be.
std::string key_text(std::string_view name);

}  // namespace wse::config
