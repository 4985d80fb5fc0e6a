// SPDX-License-Identifier: MIT
// What the built-in HTTP server says: a table of pages. Pure.
#pragma once

#include <string_view>

namespace wse::admin {

enum class Method { kGet, kHead, kOther };

struct Page {
    int status;
    std::string_view type;    // content-type
    std::string_view body;    // static
    std::string_view policy;  // content-security-policy
};

// `path` is without the query. Never fails: what is not there is a page with status 404, and other
// methods get one with 405.
const Page &find_page(Method method, std::string_view path);

// For an upgrade, which the connection loops answer and this server never does.
const Page &refused_upgrade();

}  // namespace wse::admin
