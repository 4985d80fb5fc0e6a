// SPDX-License-Identifier: MIT
#include "wsectl/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"

namespace wse::ctl {
namespace {

constexpr size_t kLeastRoom = 16;  // of a cell that is cut, however narrow the terminal is

bool starts_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

// Characters, not bytes: close enough to columns for names in most scripts.
size_t width(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string cut(std::string_view text, size_t most) {
    if (width(text) <= most) return std::string(text);
    size_t end = 0;
    for (size_t characters = 0; end < text.size(); ++end)
        if (starts_character(text[end]) && ++characters == most) break;
    return std::string(text.substr(0, end)) + "…";
}

std::string padded(std::string_view text, size_t to, Align align) {
    const std::string blanks(to - std::min(to, width(text)), ' ');
    return align == Align::kRight ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string two_units(int64_t big, const char *big_unit, int64_t small, const char *small_unit) {
    std::string text = std::to_string(big) + big_unit;
    if (small > 0) text += ' ' + std::to_string(small) + small_unit;
    return text;
}

}  // namespace

Style Style::of_stdout() {
    Style style;
    if (!isatty(STDOUT_FILENO)) return style;
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) style.columns = size.ws_col;
    const char *no_color = getenv("NO_COLOR");
    if (no_color && *no_color) return style;
    return {"\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m", style.columns};
}

std::string printable(std::string_view text) {
    std::string out;
    for (size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0;
        const bool c1_control = byte == 0xc2 && next >= 0x80 && next < 0xa0;
        if (byte >= 0x20 && byte != 0x7f && !c1_control) {
            out += text[at];
            continue;
        }
        char escape[8];
        snprintf(escape, sizeof escape, "\\x%02x", c1_control ? next : byte);
        out += escape;
        if (c1_control) ++at;
    }
    return out;
}

Table::Table(std::vector<std::string> headings, std::vector<Align> aligns)
    : headings_(std::move(headings)), aligns_(std::move(aligns)) {
    aligns_.resize(headings_.size(), Align::kLeft);
}

void Table::add(std::vector<std::string> row) {
    row.resize(headings_.size());
    rows_.push_back(std::move(row));
}

size_t Table::room_for_last(const std::vector<size_t> &widths, const Style &style) const {
    if (!cuts_ || style.columns == 0) return std::string::npos;
    size_t before = 0;
    for (size_t at = 0; at + 1 < widths.size(); ++at) before += widths[at] + 2;
    return std::max(kLeastRoom, style.columns - std::min(style.columns, before));
}

std::string Table::text(const Style &style) const {
    std::vector<size_t> widths;
    for (const auto &heading : headings_) widths.push_back(width(heading));
    for (const auto &row : rows_)
        for (size_t at = 0; at < row.size(); ++at)
            widths[at] = std::max(widths[at], width(row[at]));

    const size_t room = room_for_last(widths, style);
    widths.back() = std::min(widths.back(), room);
    const auto line = [&](const std::vector<std::string> &row) {
        std::string out;
        for (size_t at = 0; at + 1 < row.size(); ++at)
            out += padded(row[at], widths[at], aligns_[at]) + "  ";
        out += padded(cut(row.back(), room), widths.back(), aligns_.back());
        out.erase(out.find_last_not_of(' ') + 1);
        return out;
    };
    std::string out(style.strong);
    out.append(line(headings_)).append(style.plain).push_back('\n');
    for (const auto &row : rows_) out.append(line(row)).push_back('\n');
    return out;
}

void Sheet::add(std::string name, std::string value) {
    lines_.emplace_back(std::move(name), std::move(value));
}

std::string Sheet::text(const Style &style) const {
    size_t widest = 0;
    for (const auto &[name, value] : lines_) widest = std::max(widest, width(name));
    std::string out;
    for (const auto &[name, value] : lines_) {
        out.append(style.faint).append(padded(name, widest, Align::kLeft)).append(style.plain);
        out.append("  ").append(value).push_back('\n');
    }
    return out;
}

std::string duration(int64_t ms) {
    if (ms < 1000) return std::to_string(ms) + "ms";
    const int64_t seconds = ms / 1000;
    if (seconds < 60) return std::to_string(seconds) + "s";
    if (seconds < 3600) return two_units(seconds / 60, "m", seconds % 60, "s");
    if (seconds < 86400) return two_units(seconds / 3600, "h", seconds % 3600 / 60, "m");
    return two_units(seconds / 86400, "d", seconds % 86400 / 3600, "h");
}

std::string bytes(int64_t count) {
    if (count < 1024) return std::to_string(count) + " B";
    const char *units[] = {"KiB", "MiB", "GiB", "TiB"};
    double scaled = static_cast<double>(count) / 1024;
    size_t unit = 0;
    for (; scaled >= 1024 && unit < 3; ++unit) scaled /= 1024;
    char out[32];
    snprintf(out, sizeof out, "%.1f %s", scaled, units[unit]);
    return out;
}

std::string counted(int64_t count, std::string_view thing) {
    return std::to_string(count) + ' ' + std::string(thing) + (count == 1 ? "" : "s");
}

std::string cell(JsonView value) {
    if (const auto text = value.string()) return text->empty() ? "-" : printable(*text);
    if (const auto whole = value.integer()) return std::to_string(*whole);
    if (const auto truth = value.boolean()) return *truth ? "yes" : "no";
    if (const auto number = value.number()) {
        char out[32];
        snprintf(out, sizeof out, "%g", *number);
        return out;
    }
    return "-";
}

std::string number_or_dash(JsonView value, std::string (*format)(int64_t)) {
    const auto number = value.integer();
    return number ? format(*number) : "-";
}

std::string moment(JsonView value) {
    const auto ms = value.integer();
    return ms && *ms >= 0 ? format_timestamp(static_cast<uint64_t>(*ms)) : cell(value);
}

std::string joined(JsonView list) {
    std::string out;
    for (JsonView item = list.first(); item; item = item.next())
        out += (out.empty() ? "" : ", ") + cell(item);
    return out.empty() ? "-" : out;
}

std::string list_end(size_t shown, const std::string &total) {
    return std::to_string(shown) + " of " + total + " shown; --limit shows more\n";
}

}  // namespace wse::ctl
