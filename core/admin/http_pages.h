// SPDX-License-Identifier: MIT
// The pages that the built-in HTTP server has for everybody.
#pragma once

#include <string_view>

#include "admin/http_message.h"

namespace wse::admin {

// Never fails: what is not there is a page with status 404, and other methods get one with 405.
HttpAnswer find_page(Method method, std::string_view path);

// A page of one line, for people.
HttpAnswer text_page(int status, std::string_view line);

// For an upgrade, which the connection loops answer and this server never does.
HttpAnswer refused_upgrade();

// A desk that has the pages and nothing else.
class PageDesk final : public HttpDesk {
public:
    std::optional<HttpAnswer> judge(const HttpRequest &head) override;
    void answer(HttpRequest request, const Ref<HttpReply> &reply) override;
    HttpAnswer error(const HttpRequest &request, int status, std::string_view code,
                     std::string_view message) override;
};

}  // namespace wse::admin
