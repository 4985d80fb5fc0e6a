// SPDX-License-Identifier: MIT
#include "admin/http_pages.h"

#include "admin/demo_page.h"

namespace wse::admin {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kNothing = "default-src 'none'; frame-ancestors 'none'";

}  // namespace

const Page &find_page(Method method, std::string_view path) {
    static const Page alive{200, kText, "ok\n", kNothing};
    static const Page demo{200, kHtml, kDemoPage, kDemoPolicy};
    static const Page missing{404, kText, "nothing here; try /demo\n", kNothing};
    static const Page not_allowed{405, kText, "only GET and HEAD are answered\n", kNothing};

    if (method == Method::kOther) return not_allowed;
    if (path == "/" || path == "/demo") return demo;
    if (path == "/livez") return alive;
    return missing;
}

const Page &refused_upgrade() {
    static const Page refused{400, kText, "this address does not upgrade\n", kNothing};
    return refused;
}

}  // namespace wse::admin
