// SPDX-License-Identifier: MIT
// What the built-in HTTP server answers: the API behind its keys, health, metrics, and the pages
// that everybody may see. docs/http-api.md is what it speaks. [service loop]
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "admin/http_message.h"
#include "server/api.h"
#include "server/api_key_ring.h"

namespace wse::server {

inline constexpr std::string_view kApiPrefix = "/api/v1/";

// The codes of errors and their HTTP status.
std::span<const std::pair<const char *, int>> error_statuses();

class ApiDesk final : public admin::HttpDesk {
public:
    // Both outlive it.
    ApiDesk(Api &api, ApiKeyRing &keys) : api_(api), keys_(keys) {}

    std::optional<admin::HttpAnswer> judge(const admin::HttpRequest &head) override;
    void answer(admin::HttpRequest request, const Ref<admin::HttpReply> &reply) override;
    admin::HttpAnswer error(const admin::HttpRequest &request, int status, std::string_view code,
                            std::string_view message) override;

private:
    CommandContext &context() { return api_.context(); }
    std::optional<admin::HttpAnswer> judge_key(const admin::HttpRequest &head);
    std::optional<admin::HttpAnswer> judge_call(const admin::HttpRequest &head);
    void call(const admin::HttpRequest &request, const Ref<admin::HttpReply> &reply);

    Api &api_;
    ApiKeyRing &keys_;
};

// An error as HTTP has it.
admin::HttpAnswer error_answer(std::string_view code, std::string_view message);

}  // namespace wse::server
