// SPDX-License-Identifier: MIT
#include "admin/http_pages.h"

#include "admin/demo_page.h"

namespace wse::admin {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kNothing = "default-src 'none'; frame-ancestors 'none'";

}  // namespace

HttpAnswer text_page(int status, std::string_view line) {
    return {.status = status, .type = kText, .body = std::string(line) + '\n', .policy = kNothing};
}

HttpAnswer find_page(Method method, std::string_view path) {
    if (method != Method::kGet && method != Method::kHead) {
        HttpAnswer refused = text_page(405, "only GET and HEAD are answered");
        refused.allow = "GET, HEAD";
        return refused;
    }
    if (path == "/" || path == "/demo")
        return {
            .status = 200, .type = kHtml, .body = std::string(kDemoPage), .policy = kDemoPolicy};
    if (path == "/livez") return text_page(200, "ok");
    return text_page(404, "nothing here; try /demo");
}

HttpAnswer refused_upgrade() {
    return text_page(400, "this address does not upgrade");
}

std::optional<HttpAnswer> PageDesk::judge(const HttpRequest &head) {
    return find_page(head.method, head.path);
}

// Not reached: everything is said without the body.
void PageDesk::answer(HttpRequest request, const Ref<HttpReply> &reply) {
    reply->send(find_page(request.method, request.path));
}

HttpAnswer PageDesk::error(const HttpRequest &, int status, std::string_view,
                           std::string_view message) {
    return text_page(status, message);
}

}  // namespace wse::admin
