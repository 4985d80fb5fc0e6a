// SPDX-License-Identifier: MIT
#include "name.h"

#include <cstdint>

namespace wse::snapshot_file {
namespace {

constexpr size_t kMaxName = 255;  // of every file system of Linux

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
           c == '_' || c == '.' || c == '-';
}

}  // namespace

std::string file_name(std::string_view topic, std::string_view suffix) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string name;
    for (const char c : topic) {
        if (is_plain(c) && !(c == '.' && name.empty())) {
            name += c;
            continue;
        }
        const auto octet = static_cast<uint8_t>(c);
        name += '%';
        name += kHex[octet >> 4];
        name += kHex[octet & 15];
    }
    if (name.empty()) return "";
    name += suffix;
    return name.size() <= kMaxName ? name : "";
}

std::string suffix_problem(std::string_view suffix) {
    for (const char c : suffix) {
        if (!is_plain(c))
            return "suffix: '" + std::string(suffix) +
                   "' has a character beside letters, digits and : _ . -";
    }
    return suffix.size() > 32 ? "suffix: is over 32 characters" : "";
}

}  // namespace wse::snapshot_file
