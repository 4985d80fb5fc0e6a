// SPDX-License-Identifier: MIT
// auth_http: lets in whom an application lets in that is asked over HTTP.
#include <wse/module.h>

#include "abi/module_class.h"
#include "instance.h"
#include "options.h"

namespace wse::auth_http {

const wse_option kOptions[] = {
    {"url", WSE_OPT_STRING, WSE_OPT_F_REQUIRED, offsetof(Config, url), 0, 0, nullptr, nullptr,
     nullptr, "what is asked, by POST"},
    {"headers", WSE_OPT_PAIRS, WSE_OPT_F_SECRET, offsetof(Config, headers), 0, 0, nullptr, nullptr,
     nullptr, "headers of every request"},
    {"request_headers", WSE_OPT_STRINGS, 0, offsetof(Config, request_headers), 0, 0, nullptr,
     nullptr, nullptr, "headers of the client's request that the application is told"},
    {"ca_file", WSE_OPT_STRING, WSE_OPT_F_PATH, offsetof(Config, ca_file), 0, 0, nullptr, nullptr,
     nullptr, "the authorities to trust (PEM), in the place of the system's"},
    {"plain_http", WSE_OPT_BOOL, 0, offsetof(Config, plain_http), 0, 0, "false", nullptr, nullptr,
     "credentials may go over http to other hosts than this one"},
    {"timeout", WSE_OPT_DURATION, 0, offsetof(Config, timeout_ms), 10, 60'000, "2s", nullptr,
     nullptr, "how long an answer may take, waiting for a connection included"},
    {"limit", WSE_OPT_SIZE, 0, offsetof(Config, limit), 1024, 1 << 20, "64k", nullptr, nullptr,
     "size of an answer"},
    {"max_requests", WSE_OPT_INT, 0, offsetof(Config, max_requests), 1, 1024, "64", nullptr,
     nullptr, "requests at once, shared out among the loops; four times as many wait"},
    {"cache_ttl", WSE_OPT_DURATION, 0, offsetof(Config, cache_ttl_ms), 0, 3'600'000, "0s", nullptr,
     nullptr, "how long a client that was let in comes in again unasked; 0s: not at all"},
    {"cache_size", WSE_OPT_SIZE, 0, offsetof(Config, cache_size), 1024, 1 << 30, "4m", nullptr,
     nullptr, "size of all answers that are kept, shared out among the loops"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

namespace {

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(option_problem(*static_cast<const Config *>(config)), error); });
}

int32_t authenticate(void *self, wse_loop *loop, const wse_auth_request *request,
                     wse_auth_token *token) noexcept {
    return abi::guarded(
        [&] { return static_cast<Instance *>(self)->authenticate(loop, *request, token); });
}

void cancel(void *self, wse_loop *loop, wse_auth_token *token) noexcept {
    static_cast<Instance *>(self)->cancel(loop, token);
}

// Rights are the server's.
const wse_auth_ops kOps = {sizeof kOps, 0, authenticate, cancel, nullptr};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::auth_http

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_AUTH, 0),
    "auth_http",
    "1.0",
    wse::auth_http::kOptions,
    sizeof(wse_option),
    sizeof(wse::auth_http::Config),
    &wse::auth_http::kOps,
    wse::auth_http::check,
    wse::auth_http::Class::create,
    wse::auth_http::Class::start,
    wse::auth_http::Class::stop,
    wse::auth_http::Class::destroy,
};
