// SPDX-License-Identifier: MIT
// snapshot_http: the state behind a topic is what an application answers over HTTP.
#include <wse/module.h>

#include "abi/module_class.h"
#include "instance.h"
#include "options.h"

namespace wse::snapshot_http {

const wse_option kOptions[] = {
    {"url", WSE_OPT_STRING, WSE_OPT_F_REQUIRED, offsetof(Config, url), 0, 0, nullptr, nullptr,
     nullptr, "what is asked; {topic}, {user} and {params} stand for their values"},
    {"method", WSE_OPT_ENUM, 0, offsetof(Config, method), 0, 0, "GET", "GET|POST", nullptr,
     "POST sends the question as JSON"},
    {"per_user", WSE_OPT_BOOL, 0, offsetof(Config, per_user), 0, 0, "false", nullptr, nullptr,
     "ask for each user; {user} in the url says it too"},
    {"headers", WSE_OPT_PAIRS, WSE_OPT_F_SECRET, offsetof(Config, headers), 0, 0, nullptr, nullptr,
     nullptr, "headers of every request"},
    {"ca_file", WSE_OPT_STRING, WSE_OPT_F_PATH, offsetof(Config, ca_file), 0, 0, nullptr, nullptr,
     nullptr, "the authorities to trust (PEM), in the place of the system's"},
    {"timeout", WSE_OPT_DURATION, 0, offsetof(Config, timeout_ms), 10, 60'000, "2s", nullptr,
     nullptr, "how long an answer may take, waiting for a connection included"},
    {"limit", WSE_OPT_SIZE, 0, offsetof(Config, limit), 1024, 8 << 20, "256k", nullptr, nullptr,
     "size of an answer"},
    {"max_requests", WSE_OPT_INT, 0, offsetof(Config, max_requests), 1, 1024, "64", nullptr,
     nullptr, "requests at once; four times as many wait"},
    {"cache", WSE_OPT_SIZE, 0, offsetof(Config, cache), 0, 1 << 30, "4m", nullptr, nullptr,
     "size of all answers that are kept as their headers allow; 0: none"},
    {"type", WSE_OPT_STRING, 0, offsetof(Config, type), 0, 0, nullptr, nullptr, nullptr,
     "type of the message that carries it"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

namespace {

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(option_problem(*static_cast<const Config *>(config)), error); });
}

int32_t request(void *self, wse_loop *, const wse_snapshot_request *request,
                wse_snapshot_token *token) noexcept {
    return abi::guarded([&] { return static_cast<Instance *>(self)->request(*request, token); });
}

void cancel(void *self, wse_loop *, wse_snapshot_token *token) noexcept {
    static_cast<Instance *>(self)->cancel(token);
}

int32_t per_user(void *self) noexcept {
    return static_cast<const Instance *>(self)->per_user() ? 1 : 0;
}

const wse_snapshot_ops kOps = {sizeof kOps, 0, request, cancel, per_user};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::snapshot_http

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_SNAPSHOT, 0),
    "snapshot_http",
    "1.0",
    wse::snapshot_http::kOptions,
    sizeof(wse_option),
    sizeof(wse::snapshot_http::Config),
    &wse::snapshot_http::kOps,
    wse::snapshot_http::check,
    wse::snapshot_http::Class::create,
    wse::snapshot_http::Class::start,
    wse::snapshot_http::Class::stop,
    wse::snapshot_http::Class::destroy,
};
