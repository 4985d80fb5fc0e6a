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

// What standard output can show.
struct Style {
    static Style of_stdout();
    // Colours, all empty when it is no terminal or NO_COLOR is set.
    std::string_view strong = {}, faint = {}, good = {}, bad = {}, plain = {};
    size_t columns = 0;  // of the terminal; 0: as long as a line gets
};

// What came from a client may hold escape sequences: control characters become \xNN.
std::string printable(std::string_view text);

enum class Align { kLeft, kRight };

// Rows of equal length under their headings; columns are two blanks apart, the last is not padded.
class Table {
public:
    explicit Table(std::vector<std::string> headings, std::vector<Align> aligns = {});
    void add(std::vector<std::string> row);
    // Its cells end where the terminal does, with an ellipsis, so that a row stays a line.
    void cut_last_column() { cuts_ = true; }
    bool empty() const { return rows_.empty(); }
    std::string text(const Style &style) const;

private:
    size_t room_for_last(const std::vector<size_t> &widths, const Style &style) const;

    std::vector<std::string> headings_;
    std::vector<Align> aligns_;
    std::vector<std::vector<std::string>> rows_;
    bool cuts_ = false;
};

// "name  value" lines, values aligned.
class Sheet {
public:
    void add(std::string name, std::string value);
    std::string text(const Style &style) const;

private:
    std::vector<std::pair<std::string, std::string>> lines_;
};

std::string duration(int64_t ms);                            // "3d 4h", "12s", "250ms"
std::string bytes(int64_t count);                            // "512 B", "1.5 MiB"
std::string counted(int64_t count, std::string_view thing);  // "1 message", "2 messages"

// Values of a result; "-" for null, absent and what is of another kind.
std::string cell(JsonView value);  // a scalar as text; a boolean as "yes" or "no"
std::string number_or_dash(JsonView value, std::string (*format)(int64_t));
std::string moment(JsonView value);  // RFC 3339 as it is, or milliseconds since 1970 as such
std::string joined(JsonView list);   // "a, b"

// What stands under a list that is not whole.
std::string list_end(size_t shown, const std::string &total);

}  // namespace wse::ctl
