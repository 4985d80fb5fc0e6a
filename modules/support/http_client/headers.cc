// SPDX-License-Identifier: MIT
#include "http_client/headers.h"

#include <algorithm>

#include "http_client/http_client.h"

namespace wse::http {

std::string header_problem(const wse_pairs &option) {
    for (uint64_t i = 0; i < option.count; ++i) {
        const wse_pair &header = option.items[i];
        if (!is_header_name(header.key)) return std::string("'") + header.key + "' cannot be set";
        if (!is_header_value(header.value))
            return std::string("the value of '") + header.key +
                   "' has a character that is not plain ASCII";
    }
    return "";
}

std::vector<Header> headers_of(const wse_pairs &option) {
    std::vector<Header> headers;
    for (uint64_t i = 0; i < option.count; ++i)
        headers.push_back({option.items[i].key, option.items[i].value});
    return headers;
}

void add_default(std::vector<Header> &headers, std::string_view name, std::string_view value) {
    const bool there = std::any_of(headers.begin(), headers.end(), [&](const Header &header) {
        return std::equal(header.name.begin(), header.name.end(), name.begin(), name.end(),
                          [](char a, char b) { return (a | 0x20) == (b | 0x20); });
    });
    if (!there) headers.push_back({std::string(name), std::string(value)});
}

}  // namespace wse::http
