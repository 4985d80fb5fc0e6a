// SPDX-License-Identifier: MIT
// How wsectl writes for people: aligned columns, short numbers, nothing that could steer a
// terminal. Pure but for Style::of_stdout.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace wse::ctl {

// Colours for standard output, all empty when it is no terminal or NO_COLOR is set.
struct Style {
    static Style of_stdout();
    std::string_view strong, faint, good, bad, plain;
};

// What came from a client may hold escape sequences: control characters become \xNN.
std::string printable(std::string_view text);

enum class Align { kLeft, kRight };

// Rows of equal length under their headings; columns are two blanks apart, the last is not padded.
class Table {
public:
    explicit Table(std::vector<std::string> headings, std::vector<Align> aligns = {});
    void add(std::vector<std::string> row);
    bool empty() const { return rows_.empty(); }
    std::string text(const Style &style) const;

private:
    std::vector<std::string> headings_;
    std::vector<Align> aligns_;
    std::vector<std::vector<std::string>> rows_;
};

// "name  value" lines, values aligned.
class Sheet {
public:
    void add(std::string name, std::string value);
    std::string text(const Style &style) const;

private:
    std::vector<std::pair<std::string, std::string>> lines_;
};

std::string duration(int64_t ms);  // "3d 4h", "12s", "250ms"
std::string bytes(int64_t count);  // "512 B", "1.5 MiB"
std::string cell(JsonView value);  // a scalar as text; "-" for null or absent, "yes", "no"

}  // namespace wse::ctl
