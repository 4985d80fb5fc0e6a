// SPDX-License-Identifier: MIT
#include "server/api_desk.h"

#include <algorithm>
#include <charconv>

#include "admin/http_pages.h"
#include "base/json_scan.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "server/api_openapi.h"
#include "server/health.h"

namespace wse::server {
namespace {

using admin::HttpAnswer;
using admin::HttpRequest;
using admin::Method;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kNothing = "default-src 'none'; frame-ancestors 'none'";
constexpr std::string_view kOpenApiPath = "/api/v1/openapi.json";

constexpr std::pair<const char *, int> kStatuses[] = {
    {"invalid", 400},      {"invalid_json", 400},       {"unauthorized", 401}, {"denied", 403},
    {"not_found", 404},    {"method_not_allowed", 405}, {"gone", 410},         {"too_large", 413},
    {"rate_limited", 429}, {"internal", 500},           {"unavailable", 503},  {"timeout", 504},
};

int status_of(std::string_view code) {
    for (const auto &[name, status] : kStatuses) {
        if (code == name) return status;
    }
    return 500;
}

HttpAnswer json_answer(int status, std::string body) {
    return {.status = status, .type = kJson, .body = std::move(body) + '\n', .policy = kNothing};
}

bool reads(Method method) {
    return method == Method::kGet || method == Method::kHead;
}

HttpAnswer wrong_method(std::string_view allow) {
    HttpAnswer answer = error_answer("method_not_allowed", "this path takes " + std::string(allow));
    answer.allow = allow;
    return answer;
}

bool is_number(std::string_view text) {
    int64_t value = 0;
    const char *const last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, value);
    return failure == std::errc() && end == last;
}

// What stands in a URL, as the JSON that the operation's parameters are. What is not of its type
// stays text, and is refused as such.
std::string parameters_of(const Operation &operation, const HttpRequest &request) {
    JsonWriter out;
    out.begin_object();
    for (const auto &[name, value] : request.query) {
        const auto parameter =
            std::find_if(operation.parameters.begin(), operation.parameters.end(),
                         [&name = name](const Parameter &one) { return one.name == name; });
        const bool known = parameter != operation.parameters.end();
        const bool raw =
            known &&
            ((parameter->type == ParameterType::kInteger && is_number(value)) ||
             (parameter->type == ParameterType::kBoolean && (value == "true" || value == "false")));
        out.key(name);
        raw ? out.raw(value) : out.string(value);
    }
    return out.end_object().take();
}

bool is_readable(const HttpRequest &request) {
    return is_utf8(request.body) && is_utf8(request.idempotency_key) &&
           std::all_of(request.query.begin(), request.query.end(),
                       [](const auto &one) { return is_utf8(one.first) && is_utf8(one.second); });
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::span<const std::pair<const char *, int>> error_statuses() {
    return kStatuses;
}

HttpAnswer error_answer(std::string_view code, std::string_view message) {
    Outcome outcome{.code = std::string(code), .message = std::string(message)};
    // A name from a request may be repeated in it.
    if (!is_utf8(outcome.message)) outcome.message = "not readable";
    return json_answer(status_of(code), outcome.json());
}

HttpAnswer ApiDesk::error(const HttpRequest &, int status, std::string_view code,
                          std::string_view message) {
    HttpAnswer answer = error_answer(code, message);
    answer.status = status;
    return answer;
}

std::optional<HttpAnswer> ApiDesk::judge(const HttpRequest &head) {
    const bool is_api = head.entrance == admin::Entrance::kApi;
    if (!is_api && !context().settings.http.public_api)
        return admin::find_page(head.method, head.path);
    if (head.path.starts_with(kApiPrefix) && head.path != kOpenApiPath) return judge_call(head);
    const bool waits = head.path == "/readyz" || head.path == "/metrics";
    if (!waits && head.path != kOpenApiPath && head.path != "/livez") {
        if (!is_api) return admin::find_page(head.method, head.path);
        return error_answer("not_found",
                            "there is nothing at this path; see " + std::string(kOpenApiPath));
    }
    if (!reads(head.method)) return wrong_method("GET, HEAD");
    if (head.path == kOpenApiPath) return json_answer(200, openapi_json());
    if (head.path == "/livez") return admin::text_page(200, "ok");
    if (head.path == "/metrics" && !context().settings.http.open_metrics) return judge_key(head);
    return std::nullopt;
}

std::optional<HttpAnswer> ApiDesk::judge_key(const HttpRequest &head) {
    if (head.key.empty())
        return error_answer("unauthorized",
                            "a key is needed: Authorization: Bearer KEY, or X-API-Key: KEY");
    const auto name = keys_.find(head.key);
    if (!name) {
        context().api_counters.add(Counter::api_unauthorized);
        return error_answer("unauthorized", "this key is not known");
    }
    if (!keys_.take(*name, 1)) {
        context().api_counters.add(Counter::api_limited);
        return error_answer("rate_limited", "over the rate of this key; try again in a moment");
    }
    return std::nullopt;
}

// The key comes first: what there is, is for those who have one.
std::optional<HttpAnswer> ApiDesk::judge_call(const HttpRequest &head) {
    context().api_counters.add(Counter::api_requests);
    if (auto refused = judge_key(head)) return refused;
    const std::string_view name = std::string_view(head.path).substr(kApiPrefix.size());
    const Operation *const operation = find_operation(name);
    if (!operation)
        return error_answer("not_found", "there is no operation '" + std::string(name) + "'");
    if (head.method == Method::kPost || (operation->reads && reads(head.method)))
        return std::nullopt;
    return wrong_method(operation->reads ? "POST, GET, HEAD" : "POST");
}

void ApiDesk::answer(HttpRequest request, const Ref<admin::HttpReply> &reply) {
    const auto done = [reply](const HttpAnswer &answer) { reply->send(answer); };
    if (request.path == "/metrics") return answer_metrics(context(), done);
    if (request.path != "/readyz") return call(request, reply);
    const bool verbose = std::any_of(request.query.begin(), request.query.end(),
                                     [](const auto &one) { return one.first == "verbose"; });
    answer_readiness(context(), verbose, done);
}

void ApiDesk::call(const HttpRequest &request, const Ref<admin::HttpReply> &reply) {
    const Operation &operation =
        *find_operation(std::string_view(request.path).substr(kApiPrefix.size()));
    if (!is_readable(request))
        return reply->send(error_answer("invalid_json", "the request is not UTF-8"));
    std::string parameters = reads(request.method)    ? parameters_of(operation, request)
                             : is_blank(request.body) ? "{}"
                                                      : request.body;
    if (!request.idempotency_key.empty() && has_parameter(operation, "idempotency_key"))
        parameters = with_member(parameters, "idempotency_key", request.idempotency_key);
    // The first was counted with the request.
    const auto document = operation.name == std::string_view("batch")
                              ? JsonDocument::parse(parameters)
                              : Result<JsonDocument>(Error{});
    const size_t more = document ? document->root()["commands"].size() : 0;
    const auto name = keys_.find(request.key);
    if (more > 1 && name && !keys_.take(*name, more - 1)) {
        context().api_counters.add(Counter::api_limited);
        return reply->send(
            error_answer("rate_limited", "over the rate of this key; try again in a moment"));
    }
    api_.call(operation, parameters, outcome_reply([reply](const Outcome &outcome) {
                  reply->send(outcome.ok ? json_answer(200, outcome.result)
                                         : error_answer(outcome.code, outcome.message));
              }));
}

}  // namespace wse::server
