// SPDX-License-Identifier: MIT
// snapshot_redis: the state behind a topic is a key in Redis.
#include <wse/module.h>

#include "abi/module_class.h"
#include "instance.h"
#include "options.h"

namespace wse::snapshot_redis {
namespace {

const wse_option kOptions[] = {
    {"url", WSE_OPT_STRING, WSE_OPT_F_SECRET, offsetof(Config, url), 0, 0, nullptr, nullptr,
     "REDIS_URL",
     "redis://[[user]:password@]host[:port][/database] or unix:///path; else redis://localhost"},
    {"key", WSE_OPT_STRING, 0, offsetof(Config, key), 0, 0, "wse:snapshot:{topic}", nullptr,
     nullptr, "the key of a topic; {topic} and {user} stand for their values"},
    {"type_of_key", WSE_OPT_ENUM, 0, offsetof(Config, type_of_key), 0, 0, "string",
     "string|hash|list|auto", nullptr, "what the keys are; auto asks Redis each time"},
    {"timeout", WSE_OPT_DURATION, 0, offsetof(Config, timeout_ms), 10, 60'000, "2s", nullptr,
     nullptr, "how long an answer may take"},
    {"limit", WSE_OPT_SIZE, 0, offsetof(Config, limit), 1024, 8 << 20, "256k", nullptr, nullptr,
     "size of a snapshot; of a hash or list over it not all is read"},
    {"type", WSE_OPT_STRING, 0, offsetof(Config, type), 0, 0, nullptr, nullptr, nullptr,
     "type of the message that carries it"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

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
}  // namespace wse::snapshot_redis

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_SNAPSHOT, 0),
    "snapshot_redis",
    "1.0",
    wse::snapshot_redis::kOptions,
    sizeof(wse_option),
    sizeof(wse::snapshot_redis::Config),
    &wse::snapshot_redis::kOps,
    wse::snapshot_redis::check,
    wse::snapshot_redis::Class::create,
    wse::snapshot_redis::Class::start,
    wse::snapshot_redis::Class::stop,
    wse::snapshot_redis::Class::destroy,
};
